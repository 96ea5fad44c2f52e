// `coherentctl block remove`: have the daemon forget blocks that are offline.
import ArgumentParser
import CoherentControl

struct BlockRemoveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove",
    abstract: "Remove blocks that are offline.",
    discussion: """
      A block that is not there is as it should be: it is named, and no error.

      EXAMPLES:
        coherentctl block offline 4-5 && coherentctl block remove 4-5
      """)

  @Argument(help: "Numbers, ranges (2-5) or all.", transform: BlockSelection.parsed)
  var blocks: [BlockSelection]

  @OptionGroup var options: CallOptions

  func run() throws {
    let change = try options.withClient { (client) throws(ControlFailure) in
      let numbers = try BlockSelection.resolve(blocks, &client)
      guard !numbers.isEmpty else { return BlockChangeReport() }
      return try client.removeBlocks(BlocksOrder(blocks: numbers))
    }
    try options.show(change) { BlockChangeText.removal($0, $1) }
  }
}
