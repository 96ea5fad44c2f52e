// Looks how much memory the machine and the daemon's control group have left, and tells the core,
// which promises no more than that to what may leave the device. On a thread of its own, since
// files are read for it, and only while anything happens: the control loop wakes it once a second.

import CoherentCore
import CoherentSystem
import CoherentWire

final class MemoryWatch: @unchecked Sendable {
  // SAFETY: `isWoken` and `isStopping` are touched only under `lock`; `isBound` and
  // `saidNanoseconds` by the thread that looks, of which there is one at a time; `thread` by the
  // main thread only.
  private let lock = Lock()
  private let changed: Condition
  private var isWoken = false
  private var isStopping = false
  private var thread: Thread?
  private var isBound = false
  private var saidNanoseconds: UInt64 = 0
  private let performer: Performer

  /// What is never promised: for the daemon itself and the kernel's tables. A sixteenth of what
  /// there is, in these bounds.
  private static let spareBytes: ClosedRange<UInt64> = 8 << 20...256 << 20
  /// Between two lines about it.
  private static let quietNanoseconds: UInt64 = 60_000_000_000

  init(_ performer: Performer) {
    self.performer = performer
    changed = Condition(lock: lock)
  }

  /// Looks once, and from then on whenever it is woken.
  func start() throws(SystemError) {
    look()
    thread = try Thread.start(name: "memory") { [unowned self] in run() }
  }

  func wake() {
    lock.withLock {
      isWoken = true
      changed.signal()
    }
  }

  func stop() {
    lock.withLock {
      isStopping = true
      changed.signal()
    }
    thread?.join()
    thread = nil
  }

  private func run() {
    while waitForWork() { look() }
  }

  /// False when it is to end.
  private func waitForWork() -> Bool {
    lock.lock()
    defer { lock.unlock() }
    while !isWoken && !isStopping { _ = changed.wait() }
    isWoken = false
    return !isStopping
  }

  /// What the kernel does not say bounds nothing.
  private func look() {
    guard let memory = try? HostMemory.current() else { return }
    let bound = memory.bounds.min { Self.leftBytes($0) < Self.leftBytes($1) }!
    let left = Self.leftBytes(bound)
    let frameBytes = performer.frameBytes
    let promise = performer.engine.look { core, _ in
      core.noteHostMemory(
        leftFrames: Int(clamping: left / frameBytes), isGroups: bound.group != nil)
    }
    say(promise, bound)
  }

  static func leftBytes(_ bound: HostMemory.Bound) -> UInt64 {
    let spare = min(
      max(bound.totalBytes / 16, spareBytes.lowerBound), spareBytes.upperBound)
    return bound.availableBytes - min(bound.availableBytes, spare)
  }

  private func say(_ promise: HostPromise, _ bound: HostMemory.Bound) {
    let now = Clock.monotonicNanoseconds()
    guard promise.isBoundByMemory != isBound,
      saidNanoseconds == 0 || now > saidNanoseconds + Self.quietNanoseconds
    else { return }
    isBound = promise.isBoundByMemory
    saidNanoseconds = now
    guard isBound else {
      performer.log.notice("memory allows again what Limit= in [Host] says")
      return
    }
    func size(_ frames: Int) -> HumanSize { HumanSize(UInt64(frames) * performer.frameBytes) }
    performer.log.notice(
      "\(bound.name) has \(HumanSize(bound.availableBytes)) of \(HumanSize(bound.totalBytes)) "
        + "left: at most \(size(promise.promisableFrames)) are promised to what leaves the device, "
        + "less than Limit= in [Host]; \(size(promise.reservedFrames)) are promised already")
  }
}
