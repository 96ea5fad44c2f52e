// From where the memory comes that a pager fills frames with.

import CoherentCore
import CoherentSystem

extension Pager {
  /// Runs a body that fills frames, with memory of their device's node or of ordinary ones.
  func allocating(
    for target: FillTarget, _ body: () throws(SystemError) -> Void
  ) throws(SystemError) {
    if case .device(let kind) = target, kind != .unbound {
      performer.housekeeper.makeHeadroom(kind, performer, placement)
    }
    try placement.allocating(for: target, body)
  }

  func fill(
    _ offset: UInt64, _ length: UInt64, from source: FillSource, _ target: FillTarget
  ) throws(SystemError) {
    try allocating(for: target) { () throws(SystemError) in
      switch source {
      case .zero: try copier.fillZeros(offset, length)
      case .store: try copier.copyIn(offset, length)
      }
    }
  }
}
