// Copies in the host store that cannot be read: broken memory. The frame is lost alone, its client
// is told by SIGBUS when it touches it, and it is counted. Nobody reads zeros instead.

import CoherentCore
import CoherentSystem

extension Pager {
  /// Gives up a frame, or has the frames of a run tried one by one. False: it is not there.
  func lose(_ order: FillOrder, _ error: SystemError) -> Bool {
    let id = session.id
    let isLost = performer.engine.step(&effects) { core, now, effects in
      core.copyUnreadable(id, order, now, &effects)
    }
    guard isLost else { return false }
    performer.log.event(
      .dataLost(
        session.client, bytes: UInt64(order.count) * frameBytes,
        reason: "their copy in the host store cannot be read: \(error)"))
    return false
  }

  /// Every access to the frames of an order fails from now on, also when no daemon serves it.
  func poison(_ order: FillOrder) {
    let end = UInt64(order.end) * frameBytes
    for offset in stride(from: UInt64(order.first) * frameBytes, to: end, by: PageSize.bytes) {
      range.poison(offset)
    }
  }
}
