// A refusal as the test reads it: the names and the numbers, in a fixed order.

import Coherent
import CoherentWire

enum Answer {
  static func refusal(_ error: CoherentError) -> String {
    let refusal = error.refusal
    return "refused \(refusal.reason) \(refusal.detail) \(refusal.asked) \(refusal.available) "
      + "\(refusal.pinned) \(refusal.protected) \(refusal.limit) \(refusal.holderProcess)"
  }
}
