// `coherentctl block add`: make blocks known to the daemon, and perhaps put them online at once.
import ArgumentParser
import CoherentControl

struct BlockAddCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add",
    abstract: "Add memory blocks; they are offline unless --online is given.",
    discussion: """
      With --online, either all of them are online afterwards, or none has been added.

      EXAMPLES:
        coherentctl block add --node 1
        coherentctl block add 8 9
        coherentctl block add --count 4 --node 1 --online
      """)

  @Argument(help: "Numbers or ranges: 8, 10-12.", transform: BlockSelection.parsed)
  var blocks: [BlockSelection] = []

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Instead of numbers: so many, with the first free ones. (default: 1)", valueName: "count"))
  var count: Int?

  @Option(
    name: .long,
    help: ArgumentHelp("Bind their memory to this NUMA node. (default: as configured)"))
  var node: Int?

  @Flag(name: .long, help: "Put them online too.")
  var online = false

  @OptionGroup var options: CallOptions

  func validate() throws {
    guard blocks.isEmpty || count == nil else {
      throw ValidationError("Name the blocks, or give their --count, not both.")
    }
    guard !blocks.contains(.all) else {
      throw ValidationError("Blocks that are to be added have numbers: `all` are those known.")
    }
    guard 1...65_536 ~= count ?? 1 else { throw ValidationError("--count is 1 to 65536.") }
    guard 0...Int(Int32.max) ~= node ?? 0 else { throw ValidationError("--node is 0 or more.") }
  }

  func run() throws {
    let numbers = blocks.isEmpty ? nil : BlockSelection.named(blocks)
    let change = try options.withClient { (client) throws(ControlFailure) in
      let added = try client.addBlocks(
        AddBlocksOrder(blocks: numbers, count: numbers == nil ? count ?? 1 : nil, node: node))
      return online ? try Self.putOnline(added, &client) : added
    }
    try options.show(change) { BlockChangeText.line($0, $1) }
  }

  /// What either step changed has changed. Where the second fails, what was added goes again.
  private static func putOnline(
    _ added: BlockChangeReport, _ client: inout ControlClient
  ) throws(ControlFailure) -> BlockChangeReport {
    let blocks = (added.changed + added.already).sorted()
    do throws(ControlFailure) {
      let onlined = try client.onlineBlocks(BlocksOrder(blocks: blocks))
      let changed = Set(added.changed + onlined.changed)
      return BlockChangeReport(
        changed: changed.sorted(), already: blocks.filter { !changed.contains($0) })
    } catch {
      if case .call = error, !added.changed.isEmpty {
        _ = try client.removeBlocks(BlocksOrder(blocks: added.changed))
      }
      throw error
    }
  }
}
