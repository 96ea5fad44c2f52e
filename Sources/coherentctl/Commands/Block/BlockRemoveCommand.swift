// `coherentctl block remove`: have the daemon forget blocks that are offline.
import ArgumentParser
import CoherentControl

struct BlockRemoveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove",
    abstract: "Remove blocks that are offline.",
    discussion: """
      EXAMPLES:
        coherentctl block offline 4-5 && coherentctl block remove 4-5
      """)

  @Argument(help: "Numbers, ranges (2-5) or all.")
  var blocks: [BlockSelection]

  @OptionGroup var options: CallOptions

  func run() throws {
    let change = try options.withClient { (client) throws(ControlFailure) in
      let numbers = try BlockSelection.resolve(blocks, &client)
      guard !numbers.isEmpty else { return BlockChangeReport() }
      return try client.removeBlocks(BlocksOrder(blocks: numbers))
    }
    try options.show(change) { change, _ in BlockText.change(change) }
  }
}
