// `coherentctl block online`: commit the memory of blocks, and give it out.
import ArgumentParser
import CoherentControl

struct BlockOnlineCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "online",
    abstract: "Commit the memory of blocks and give it out.",
    discussion: """
      If the host has too little memory, none of them changes, and the message says how much is \
      missing. A block that is going offline stays online.

      EXAMPLES:
        coherentctl block online 4
        coherentctl block online all
      """)

  @Argument(help: "Numbers, ranges (2-5) or all.", transform: BlockSelection.parsed)
  var blocks: [BlockSelection]

  @OptionGroup var options: CallOptions

  func run() throws {
    let change = try options.withClient { (client) throws(ControlFailure) in
      let numbers = try BlockSelection.resolve(blocks, &client)
      guard !numbers.isEmpty else { return BlockChangeReport() }
      return try client.onlineBlocks(BlocksOrder(blocks: numbers))
    }
    try options.show(change) { BlockChangeText.line($0, $1) }
  }
}
