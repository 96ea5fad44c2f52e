// Waiting for what the daemon says of itself to become what a test expects.

import CoherentControl
import CoherentSystem
import Testing

extension TestDaemon {
  static let boundSeconds: UInt64 = 60

  /// Looks until `condition` holds; throws, with the last look, when it never does. Between two
  /// looks it waits for what would end all waiting: the daemon's death.
  func eventually(
    _ claim: String, sourceLocation: SourceLocation = #_sourceLocation,
    _ condition: () throws -> Bool
  ) throws {
    let deadline = Clock.monotonicNanoseconds() + Self.boundSeconds * 1_000_000_000
    while try !condition() {
      if hasEnded(withinMilliseconds: 2) { throw TestFailure("the daemon died before: \(claim)") }
      if Clock.monotonicNanoseconds() > deadline {
        throw TestFailure("\(sourceLocation): never came true: \(claim); \(try status())")
      }
    }
  }

  /// Waits for a state of the daemon.
  @discardableResult
  func eventually(
    status claim: String, sourceLocation: SourceLocation = #_sourceLocation,
    _ condition: (StatusReport) throws -> Bool
  ) throws -> StatusReport {
    var last = try status()
    try eventually(claim, sourceLocation: sourceLocation) {
      last = try status()
      return try condition(last)
    }
    return last
  }

  /// All that any client had is free again, and the region's memory is whole.
  func expectEverythingReturned(sourceLocation: SourceLocation = #_sourceLocation) throws {
    let status = try eventually(
      status: "everything returns", sourceLocation: sourceLocation
    ) {
      $0.sessions == 0 && $0.freeBytes == $0.onlineBytes && $0.committedBytes == $0.onlineBytes
        && $0.blocksGoingOffline == 0
    }
    let rest = [
      status.allocations, status.pins, status.waiters, status.reservedBytes, status.deviceBytes,
      status.evictingBytes, status.restoringBytes, status.releasingBytes, status.hostBytes,
      status.storedBytes, status.pinnedBytes, status.hostReservedBytes,
    ]
    #expect(
      rest.allSatisfy { $0 == 0 }, "nothing is left: \(status)", sourceLocation: sourceLocation)
    expectNothingLost(status, sourceLocation: sourceLocation)
    try eventually("the kernel agrees that all is free", sourceLocation: sourceLocation) {
      try MemoryFiles(process: process).committedBytes == status.onlineBytes
    }
  }

  /// LossTests show that this fails where something is lost.
  func expectNothingLost(
    _ status: StatusReport, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(status.lostFrames == 0, sourceLocation: sourceLocation)
  }

  /// The session of a process; throws if it has none.
  func session(of process: Int32) throws -> SessionReport {
    guard let found = try sessions().first(where: { $0.process == process }) else {
      throw TestFailure("process \(process) has no session")
    }
    return found
  }

  func sessions() throws -> [SessionReport] {
    var control = try control()
    var all: [SessionReport] = []
    try control.sessions { all += $0 }
    return all
  }

  func allocations() throws -> [AllocationReport] {
    var control = try control()
    var all: [AllocationReport] = []
    try control.allocations(of: nil) { all += $0 }
    return all
  }

  /// Evicts all that can be evicted of one session, or of all.
  @discardableResult
  func evictAll(session: SessionReport? = nil) throws -> EvictionReport {
    var order = EvictionOrder()
    order.session = session?.session
    var control = try control()
    return try control.evict(order)
  }
}
