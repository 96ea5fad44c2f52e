// `coherentctl allocations`: which allocations there are, and where their bytes live.
import ArgumentParser
import CoherentControl
import CoherentWire

struct AllocationsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "allocations",
    abstract: "List allocations, and where their bytes live.",
    discussion: """
      UNTOUCHED was never used and reads as zero; DEVICE is on the device; HOST is in host \
      memory, mapped; STORED was evicted and comes back when it is used.

      EXAMPLES:
        coherentctl allocations --session 3
        coherentctl allocations --json | jq 'map(.stored_bytes) | add'
      """)

  @Option(
    name: .long, help: ArgumentHelp("Only the allocations of this session.", valueName: "session"))
  var session: SessionID?

  @OptionGroup var options: CallOptions

  func run() throws {
    let allocations = try options.withClient { (client) throws(ControlFailure) in
      var allocations: [AllocationReport] = []
      try client.allocations(of: session) { allocations += $0 }
      return allocations
    }
    try options.show(allocations, AllocationTable.text)
  }
}
