// The core under its lock, and the clock that it lacks. Every thread of the daemon comes here with
// an event and leaves with effects; the lock is never held across a system call, but for arming
// the timer. What may never happen: an effect performed while the lock is held, or a control word
// in a state that the core does not know. So the words are worked on here, under the lock; and what
// has to outlive the daemon is written into the sessions' tables here, before anybody hears of it.

import CoherentCore
import CoherentShared
import CoherentSystem
import CoherentWire
import Synchronization

final class Engine: @unchecked Sendable {
  // SAFETY: the fields below `lock` are touched only under it.
  private let lock = Lock()
  private var core: Core
  private var memories: [SessionID: SessionMemory] = [:]
  private var armed = Instant.never
  private var isPulseArmed = false
  private let historyBell = Mutex<HistoryBell?>(nil)
  /// Fires on the control loop when the core wants its `tick`.
  let timer: Timer
  /// Fires on the control loop a second after anything happened: nothing that takes time begins
  /// without an event, so a quiet daemon need not be woken.
  let pulse: Timer
  /// Writes a block down for the next daemon.
  private let noteBlock: @Sendable (Int, BlockRecord) -> Void

  init(
    _ core: Core, noteBlock: @escaping @Sendable (Int, BlockRecord) -> Void
  ) throws(SystemError) {
    self.core = core
    self.noteBlock = noteBlock
    timer = try Timer()
    pulse = try Timer()
  }

  /// Gives the core one event. Effects are appended to the caller's buffer, to be performed by it.
  func step<Result>(
    _ effects: inout [Effect], _ body: (inout Core, Instant, inout [Effect]) -> Result
  ) -> Result {
    guarded { now in
      let result = body(&core, now, &effects)
      workOnWords(now, &effects)
      writeDown()
      if let next = core.nextDeadline, next < armed { arm(next) }
      if !isPulseArmed { setPulse(now) }
      return result
    }
  }

  /// Under the lock; whoever waits for what is done hears of it afterwards.
  private func guarded<Result>(_ body: (Instant) -> Result) -> Result {
    lock.lock()
    let before = core.historyNumber
    let now = Instant(nanoseconds: Clock.monotonicNanoseconds())
    core.see(now)
    let result = body(now)
    let isNew = core.historyNumber != before
    lock.unlock()
    if isNew { historyBell.withLock { $0 }?.ring() }
    return result
  }

  /// `ring` is called, from any thread and without the lock, when something was done that nobody
  /// who reads the history can have read yet.
  func setHistoryBell(_ ring: @escaping @Sendable () -> Void) {
    historyBell.withLock { $0 = HistoryBell(ring) }
  }

  // MARK: the pulse

  private static let pulseNanoseconds: UInt64 = 1_000_000_000

  private func setPulse(_ now: Instant) {
    isPulseArmed = true
    pulse.arm(atNanoseconds: now.nanoseconds + Self.pulseNanoseconds)
  }

  /// Something began whose time is to be watched.
  func armPulse() {
    lock.withLock {
      if !isPulseArmed { setPulse(Instant(nanoseconds: Clock.monotonicNanoseconds())) }
    }
  }

  /// The pulse has come: the next event arms it again.
  func endPulse() {
    pulse.drain()
    lock.withLock { isPulseArmed = false }
  }

  // MARK: looks and ticks

  /// Frames whose memory is not where it should be yet.
  var carvingBacklog: (frames: Int, overshootFrames: Int) {
    lock.withLock { (core.carvingBacklog, core.mostOvershootFrames) }
  }

  /// By how many frames the memory files hold more of a kind than the device has.
  func overshootFrames(_ kind: MemoryKind) -> Int { lock.withLock { core.overshootFrames(kind) } }

  /// A question, or an event that has no effects.
  func look<Result>(_ body: (inout Core, Instant) -> Result) -> Result {
    guarded { now in body(&core, now) }
  }

  /// What ran out is ended; the timer is set for what runs out next.
  func tick(_ effects: inout [Effect]) {
    timer.drain()
    guarded { now in
      core.tick(now, &effects)
      workOnWords(now, &effects)
      writeDown()
      arm(core.nextDeadline ?? .never)
    }
  }

  private func arm(_ next: Instant) {
    armed = next
    timer.arm(atNanoseconds: next == .never ? nil : next.nanoseconds)
  }

  // MARK: control words

  /// The shared memory of a session, from its admission to its end.
  func setMemory(_ session: SessionID, _ memory: SessionMemory?) {
    lock.withLock { memories[session] = memory }
  }

  /// A page of a session's pins, with what its words say at this moment.
  func pins(
    of session: SessionID, from cursor: Core.PinCursor, limit: Int
  ) -> (list: [PinStatus], next: Core.PinCursor?) {
    lock.lock()
    defer { lock.unlock() }
    let now = Instant(nanoseconds: Clock.monotonicNanoseconds())
    let words = memories[session]?.words
    return core.pins(of: session, from: cursor, limit: limit, now) { word in
      guard let words else { return FastPins(epoch: 0, count: 0) }
      let seen = words.peek(slot: slot(word))
      return FastPins(epoch: seen.epoch, count: Int(seen.count))
    }
  }

  private func words(_ session: SessionID) -> ControlWords? { memories[session]?.words }

  private func workOnWords(_ now: Instant, _ effects: inout [Effect]) {
    while let operation = core.nextWordOperation() {
      core.answered(operation, perform(operation), now, &effects)
    }
  }

  private func perform(_ operation: WordOperation) -> WordAnswer {
    switch operation {
    case .open(let session, let word):
      words(session)?.open(slot: slot(word))
      return .done
    case .take(let session, let word):
      guard let words = words(session) else { return .taken }
      switch words.take(slot: slot(word)) {
      case .taken: return .taken
      case .pinned(_, let epoch): return .pinned(epoch: epoch)
      }
    case .revoke(let session, let word):
      return .revoked(pins: Int(words(session)?.revoke(slot: slot(word)) ?? 0))
    case .expire(let session, let word, let seenEpoch):
      guard let words = words(session) else { return .revoked(pins: 0) }
      switch words.expire(slot: slot(word), seenEpoch: seenEpoch) {
      case .revoked(let pins): return .revoked(pins: Int(pins))
      default: return .done
      }
    case .close(let session, let word):
      words(session)?.close(slot: slot(word))
      return .done
    case .sweep(let session, let first, let limit):
      return .swept(sweep(session, first, limit))
    }
  }

  private func sweep(_ session: SessionID, _ first: Int, _ limit: Int) -> [WordReport] {
    guard let words = words(session) else { return [] }
    let end = min(first + limit, Int(words.count))
    var reports: [WordReport] = []
    for index in first..<max(first, end) {
      let word = words.peek(slot: slot(index))
      guard word.isResident else { continue }
      reports.append(WordReport(word: index, epoch: word.epoch, isPinned: word.count > 0))
    }
    return reports
  }

  // MARK: the tables

  /// Writes down what the last event changed.
  private func writeDown() {
    var isBegun = false
    core.takeLedgerOperations { operation in
      KillPoint.reached(isBegun ? .betweenNotes : .beforeNote)
      isBegun = true
      if case .block(let block, let record) = operation {
        noteBlock(block, record)
      } else if let session = operation.session {
        memories[session]?.table.note(operation)
      }
    }
    if isBegun { KillPoint.reached(.afterNote) }
  }

  private func slot(_ word: Int) -> ControlSlot { ControlSlot(rawValue: UInt32(word)) }
}
