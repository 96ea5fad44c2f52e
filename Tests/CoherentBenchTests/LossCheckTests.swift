// The guard of every benchmark that moves data: it fails where the daemon counted a loss.

import CoherentControl
import Testing

@testable import coherent_bench

@Suite struct LossCheckTests {
  private func status(lost: UInt64) -> StatusReport {
    var status = StatusReport()
    status.lostFrames = lost
    return status
  }

  @Test func aLossEndsTheRun() {
    #expect(throws: BenchFailure.self) { try LossCheck.expectNothingLost(status(lost: 1)) }
    #expect(throws: BenchFailure.self) {
      try LossCheck.expectNothingLost(since: status(lost: 2), status(lost: 3))
    }
  }

  @Test func whatWasLostBeforeIsNoLossOfThisRun() throws {
    try LossCheck.expectNothingLost(status(lost: 0))
    try LossCheck.expectNothingLost(since: status(lost: 2), status(lost: 2))
  }
}
