// `ListBlocks`: every known memory block, a page in each reply; `CheckBlocks`: where the pages of
// those with a node really lie.

package struct BlocksAnswer: Codable, Equatable, Sendable {
  package var blocks: [BlockReport]
}

extension ControlMethod {
  static let listBlocks = streamed(
    ControlInterface.name + ".ListBlocks", takes: NoParameters.self
  ) { (_, cursor, context) throws(CallFailure) in
    let page = context.source.blocks(from: cursor, limit: ControlLimits.entriesPerReply)
    return (BlocksAnswer(blocks: page.entries), page.entries.isEmpty, page.next)
  }

  static let checkBlocks = deferred(
    ControlInterface.name + ".CheckBlocks", takes: NoParameters.self
  ) { (_: NoParameters, context, finish: @escaping Completion<BlockCheckReport>) in
    context.source.checkBlocks(completion: finish)
  }
}
