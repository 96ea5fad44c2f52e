// Compares, every now and then, what the kernel counts of the memory files with what the core
// accounts for. A client has a descriptor of its own file and can commit memory in it that it never
// allocated: that is found here, told, and ended.
//
// The one call that it makes on a client's file is fstat(2), which takes none of the file's locks:
// a client that holds them holds up nothing here. It has a thread of its own all the same, for
// which nobody waits. It sleeps while there is no session.

import CoherentCore
import CoherentSystem
import CoherentWire

final class Accountant: @unchecked Sendable {
  // SAFETY: the fields below `lock` are touched only under it; `accounts` by the thread only.
  private let lock = Lock()
  private let changed: Condition
  private var isStopping = false
  private var isAsked = false
  private var total = Totals()

  /// By the kernel's count, of all memory files together.
  struct Totals {
    var kernelBytes: UInt64 = 0
    /// What nothing accounts for, of all sessions.
    var unaccountedBytes: UInt64 = 0
  }

  private let performer: Performer
  private let region: RegionFile
  private let inEffect: ConfigurationInEffect
  private var accounts: [SessionID: MemoryAccount] = [:]

  init(_ performer: Performer, _ region: RegionFile, _ inEffect: ConfigurationInEffect) {
    self.performer = performer
    self.region = region
    self.inEffect = inEffect
    changed = Condition(lock: lock)
  }

  func start() throws(SystemError) {
    look(isRegular: false)
    try Thread.start(name: "accountant") { self.run() }.detach()
    performer.sessions.whenFirst { [weak self] in self?.wake() }
  }

  /// It ends by itself, and is not waited for.
  func stop() {
    lock.withLock {
      isStopping = true
      changed.signal()
    }
  }

  /// Looks at once.
  func wake() {
    lock.withLock {
      isAsked = true
      changed.signal()
    }
  }

  /// What was counted last.
  var totals: Totals { lock.withLock { total } }

  // MARK: the thread

  private func run() {
    var lookedNanoseconds = Clock.monotonicNanoseconds()
    while wait(since: lookedNanoseconds) {
      let now = Clock.monotonicNanoseconds()
      let isRegular = now >= lookedNanoseconds + intervalNanoseconds
      if isRegular { lookedNanoseconds = now }
      look(isRegular: isRegular)
    }
  }

  private var intervalNanoseconds: UInt64 {
    inEffect.current.accountingIntervalMilliseconds * 1_000_000
  }

  /// Until it is time to look, or somebody asks; false if there is to be no further look.
  private func wait(since lookedNanoseconds: UInt64) -> Bool {
    lock.withLock {
      while !isStopping, !isAsked {
        if performer.sessions.isEmpty {
          _ = changed.wait()
        } else if !changed.wait(untilNanoseconds: lookedNanoseconds + intervalNanoseconds) {
          break
        }
      }
      isAsked = false
      return !isStopping
    }
  }

  private func look(isRegular: Bool) {
    let sessions = performer.sessions.all
    let limit = inEffect.current.unaccountedMemoryBytes
    var next: [SessionID: MemoryAccount] = [:]
    var totals = Totals(kernelBytes: region.committedBytes())
    for session in sessions {
      guard let bytes = try? session.memory.file.committedBytes() else { continue }
      totals.kernelBytes += bytes
      let id = session.id
      guard let frames = performer.engine.look({ core, _ in core.accountedFrames(id) }) else {
        continue
      }
      var account = accounts[id] ?? MemoryAccount()
      let accounted = UInt64(frames) * performer.frameBytes + session.layout.controlBytes
      let verdict = account.look(
        kernelBytes: bytes, accountedBytes: accounted, limitBytes: limit, isRegular: isRegular)
      next[id] = account
      session.note(account)
      totals.unaccountedBytes += account.unaccountedBytes
      act(verdict, session, account.unaccountedBytes, limit)
    }
    accounts = next
    lock.withLock { total = totals }
  }

  private func act(
    _ verdict: MemoryAccount.Verdict, _ session: ClientSession, _ bytes: UInt64, _ limit: UInt64
  ) {
    switch verdict {
    case .sound: break
    case .tell:
      performer.log.event(
        .memoryUnaccounted(session.client, bytes: bytes, limitBytes: limit))
      session.send(.memoryUnaccounted(bytes: bytes, limitBytes: limit))
    case .end:
      performer.mailbox.post(
        .disconnect(
          session,
          "it holds \(HumanSize(bytes)) that nothing accounts for, over "
            + "UnaccountedMemory=\(HumanSize(limit))"))
    }
  }
}
