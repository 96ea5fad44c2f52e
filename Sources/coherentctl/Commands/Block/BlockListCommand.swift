// `coherentctl block list`: which memory blocks there are, what is in them, and whether those that
// are bound to a node really lie there. Pages elsewhere are a failure, never a footnote.
import ArgumentParser
import CoherentControl

struct BlockListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List memory blocks, and what still lies in those that go offline (the default).",
    discussion: """
      Where a block is bound to a NUMA node, its pages are looked at first. If any lies on \
      another node, that is shown, and the exit status is 1.

      EXAMPLES:
        coherentctl block list
        coherentctl block list --json | jq '.[] | select(.state == "offline") | .block'
      """)

  @OptionGroup var options: CallOptions

  func run() throws {
    let blocks = try options.withClient { (client) throws(ControlFailure) in
      let blocks = try client.blocks()
      guard blocks.contains(where: { $0.node != nil }) else { return blocks }
      _ = try client.checkBlocks()
      return try client.blocks()
    }
    try options.show(blocks) { BlockList($0, $1).text }
    if let complaint = Self.misplacement(blocks) { throw complaint }
  }

  /// What to say if pages lie on other nodes than they should.
  private static func misplacement(_ blocks: [BlockReport]) -> Complaint? {
    let misplaced = blocks.filter { $0.misplacedPages ?? 0 > 0 }
    guard !misplaced.isEmpty else { return nil }
    let list = misplaced.map { block in
      let node = block.node.map { "node \($0)" } ?? "their node"
      return "\(block.misplacedPages ?? 0) pages of block \(block.block) are not on \(node)"
    }
    return Complaint(
      list.joined(separator: "; "),
      hint: "take the block offline and online again when its node has room",
      status: Complaint.failureStatus)
  }
}
