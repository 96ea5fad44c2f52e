// `coherentctl block list`: which memory blocks there are, what is in them, and whether those that
// are bound to a node really lie there. Pages elsewhere are a failure, never a footnote.
import ArgumentParser
import CoherentControl

struct BlockListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List memory blocks, and what still lies in those that go offline (the default).",
    discussion: """
      Where a block is bound to a NUMA node, its pages are looked at first, and those of evicted \
      data. If any lies on a node where it should not, that is shown, and the exit status is 1.

      EXAMPLES:
        coherentctl block list
        coherentctl block list --json | jq '.[] | select(.state == "offline") | .block'
      """)

  @OptionGroup var options: CallOptions

  func run() throws {
    let (blocks, check) = try options.withClient { (client) throws(ControlFailure) in
      let blocks = try client.blocks()
      guard blocks.contains(where: { $0.node != nil }) else { return (blocks, BlockCheckReport()) }
      let check = try client.checkBlocks()
      return (try client.blocks(), check)
    }
    try options.show(blocks) { BlockList($0, $1).text }
    if let complaint = Self.misplacement(blocks, check) { throw complaint }
  }

  /// What to say if pages lie on other nodes than they should.
  static func misplacement(_ blocks: [BlockReport], _ check: BlockCheckReport) -> Complaint? {
    var list: [String] = []
    var hints: [String] = []
    for block in blocks where block.misplacedPages ?? 0 > 0 {
      let node = block.node.map { "node \($0)" } ?? "their node"
      list.append("\(block.misplacedPages ?? 0) pages of block \(block.block) are not on \(node)")
      hints = ["take the block offline and online again when its node has room"]
    }
    if check.misplacedEvictedPages > 0 {
      list.append(
        "\(check.misplacedEvictedPages) of \(check.evictedPages) pages of evicted data lie on "
          + "nodes that blocks are bound to")
      hints.append("what is used and evicted again gets other memory, if the daemon may have it")
    }
    if list.isEmpty { return nil }
    return Complaint(
      list.joined(separator: "; "), hint: hints.joined(separator: "; "),
      status: Complaint.failureStatus)
  }
}
