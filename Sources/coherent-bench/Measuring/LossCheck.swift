// A figure that was measured while data was lost is worth nothing: it ends the run instead.

import CoherentControl

enum LossCheck {
  /// Throws if the daemon counted lost frames since `before`; nil: since it began.
  static func expectNothingLost(since before: StatusReport? = nil, _ now: StatusReport) throws {
    let lost = now.lostFrames - min(before?.lostFrames ?? 0, now.lostFrames)
    guard lost == 0 else { throw BenchFailure("the daemon says that it lost \(lost) frames") }
  }
}
