// Why an order about blocks is refused, as administrators hear it: by name, and in a sentence with
// what would help.

import CoherentControl
import CoherentCore
import CoherentWire

extension ControlError {
  /// Who asked has given up, or will before it could be done.
  static var tooLate: ControlError {
    .refused(
      MessageDetail(
        reason: "timedOut",
        message: "another order about blocks is under way and takes long; nothing was changed; "
          + "try again when it is done"))
  }

  init(_ fault: BlockFault) {
    switch fault {
    case .noSuchBlock(let block):
      self = .noSuchBlock(BlockDetail(block: block))
    case .beyondRegion(let block, let maximum):
      self = .refused(
        MessageDetail(
          reason: "overLimit",
          message: "block \(block) is beyond the region, whose last one can be \(maximum - 1); "
            + "a higher MaximumBlocks= in [Region] would help, at the next clean start"))
    case .tooMany(let asked, let absent, let maximum):
      self = .refused(
        MessageDetail(
          reason: "overLimit",
          message: "blocks asked: \(asked), and the region of at most \(maximum) has room for "
            + "\(absent) more; removing offline ones would help, or a higher MaximumBlocks= in "
            + "[Region], at the next clean start"))
    case .wrongState(let block, let state, let needed):
      let word = HistoryText.word(state)
      self = .wrongBlockState(
        BlockStateDetail(
          block: block, state: CoherentControl.BlockState(rawValue: word),
          message: "block \(block) is \(word), and must be \(HistoryText.word(needed)) first"))
    case .otherKind(let block, let state):
      self = .wrongBlockState(
        BlockStateDetail(
          block: block, state: CoherentControl.BlockState(rawValue: HistoryText.word(state)),
          message: "block \(block) is there already, and not on that node; "
            + "it can be removed when it is offline, and added anew"))
    case .promised(let block, let bytes, let room, let holder):
      let most = holder.map {
        "; most of it is process \($0.process)'s (session \($0.session.rawValue))"
      }
      self = .refused(
        MessageDetail(
          reason: "notMigratable",
          message: "Oversubscribe=no has promised that what was allocated stays on the device: "
            + "\(HumanSize(bytes)) lie in block \(block) and what goes with it, the other blocks "
            + "have room for \(HumanSize(room))\(most ?? ""); freeing memory, or more blocks, "
            + "would help"
        ))
    }
  }

  init(_ error: RegionError) {
    let reason =
      switch error {
      case .hostTooSmall, .nodeTooSmall, .notHuge: "outOfHostMemory"
      case .misplaced: "misplaced"
      case .stopping: "regionGoingOffline"
      case .noHugePages: "noHugePages"
      case .system: "systemError"
      }
    self = .refused(MessageDetail(reason: reason, message: "\(error)"))
  }
}
