// Faults that could not be answered, because the host had no memory: tried again after a pause,
// whatever else the pager is asked meanwhile. The kernel repeats faults, and a client makes as many
// as it likes, so each is kept once and there is a limit. What may never happen: a thread that
// waits and is forgotten; past the limit all of the client's threads are woken, and fault again.

import CoherentSystem

struct FaultRetries {
  private var faults: [Fault] = []
  private var known: Set<UInt64> = []
  private var isOverfull = false
  private var dueAtNanoseconds: UInt64 = 0

  static let limit = 4096
  static let pauseNanoseconds: UInt64 = 10_000_000

  var isEmpty: Bool { faults.isEmpty }
  var count: Int { faults.count }

  func isDue(at now: UInt64) -> Bool { !faults.isEmpty && now >= dueAtNanoseconds }

  /// For how long at most the pager may wait for something else; nil where nothing is tried again.
  func millisecondsUntilDue(at now: UInt64) -> Int32? {
    guard !faults.isEmpty else { return nil }
    guard now < dueAtNanoseconds else { return 0 }
    return Int32((dueAtNanoseconds - now + 999_999) / 1_000_000)
  }

  mutating func add(_ fault: Fault, at now: UInt64) {
    if faults.isEmpty { dueAtNanoseconds = now + Self.pauseNanoseconds }
    guard faults.count < Self.limit else {
      isOverfull = true
      return
    }
    if known.insert(Self.key(fault)).inserted { faults.append(fault) }
  }

  /// All of them, and whether there were more than could be kept: then every thread that waits is
  /// to be woken.
  mutating func takeAll() -> (faults: [Fault], wakesEverybody: Bool) {
    defer {
      faults = []
      known = []
      isOverfull = false
    }
    return (faults, isOverfull)
  }

  /// A page, and in the bits below it what was wanted there.
  private static func key(_ fault: Fault) -> UInt64 {
    let page = fault.address & ~UInt64(PageSize.bytes - 1)
    return page | (fault.isWrite ? 1 : 0) | (fault.isWriteProtect ? 2 : 0)
      | (fault.isMinor ? 4 : 0)
  }
}
