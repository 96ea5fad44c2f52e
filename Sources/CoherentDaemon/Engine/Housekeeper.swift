// Gives device memory back to the region's memory file and carves it out of it: background work
// that no client waits for. It pauses for a moment before it gives anything back, because a frame
// that was just evicted is often wanted again at once, and then needs neither.
//
// What may never happen: a call on anything that a client has too. The region is the daemon's
// alone.

import CoherentCore
import CoherentSystem

final class Housekeeper: @unchecked Sendable {
  // SAFETY: `isWoken` and `isStopping` are touched only under `lock`; `thread` by the daemon's main
  // thread only, which starts and stops it; the rest never changes.
  private let lock = Lock()
  private let changed: Condition
  private var isWoken = false
  private var isStopping = false

  let engine: Engine
  let region: RegionFile
  private let log: Log
  private var thread: Thread?
  let heartbeat = Heartbeat(thread: "housekeeper")

  private static let pauseNanoseconds: UInt64 = 2_000_000
  private static let longestPauseNanoseconds: UInt64 = 50_000_000
  private static let overshootFrames = 1024
  private static let retryNanoseconds: UInt64 = 100_000_000
  private static let batchFrames = 256

  init(engine: Engine, region: RegionFile, log: Log) {
    self.engine = engine
    self.region = region
    self.log = log
    changed = Condition(lock: lock)
  }

  /// `performer` performs what follows from work that is done.
  func start(_ performer: Performer) throws(SystemError) {
    thread = try Thread.start(name: "housekeeper") { self.run(performer) }
  }

  func wake() {
    lock.withLock {
      guard !isWoken else { return }
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

  private func run(_ performer: Performer) {
    let placement = ThreadPlacement(performer.nodes, log)
    while true {
      heartbeat.rest()
      let stopping = waitForWork()
      heartbeat.work()
      if stopping { return }
      carve(performer, placement)
    }
  }

  /// Waits until there is work and nobody has made more of it for a moment: carving contends with
  /// the evictions that cause it. Bounded in time and in what may pile up.
  private func waitForWork() -> Bool {
    lock.lock()
    defer { lock.unlock() }
    while !isWoken && !isStopping { _ = changed.wait() }
    let latest = Clock.monotonicNanoseconds() + Self.longestPauseNanoseconds
    var backlog = engine.carvingBacklog.frames
    while !isStopping {
      let now = Clock.monotonicNanoseconds()
      if now >= latest { break }
      _ = changed.wait(untilNanoseconds: now + Self.pauseNanoseconds)
      let next = engine.carvingBacklog
      // Only what overshoots the device's size is not left lying: who gives back goes first.
      if next.frames <= backlog || next.overshootFrames > Self.overshootFrames { break }
      backlog = next.frames
    }
    isWoken = false
    return isStopping
  }

  private var stops: Bool { lock.withLock { isStopping } }

  /// Works until nothing is left to carve, or the daemon stops: the next one finds what is left. A
  /// host without memory is tried again later, for ever: the capacity that was announced has to
  /// come back.
  private func carve(_ performer: Performer, _ placement: ThreadPlacement) {
    var effects: [Effect] = []
    while !stops {
      let works = engine.look { core, _ in core.takeCarvingWork(limit: Self.batchFrames) }
      if works.isEmpty { return }
      let outcome = carve(works, performer, placement, &effects) { heartbeat.beat() }
      guard let outcome else { continue }
      log.event(.hostMemoryMissing, client: 0) {
        .hostMemoryMissing(nil, reason: "the region lacks memory that it announces: \(outcome)")
      }
      giveBack(performer, placement, &effects)
      lock.withLock {
        guard !isStopping else { return }
        _ = changed.wait(untilNanoseconds: Clock.monotonicNanoseconds() + Self.retryNanoseconds)
      }
    }
  }

  /// The host lacks memory: what is queued behind that may give it some, so all of the queue is
  /// looked at once before it is asked again. Nothing is taken meanwhile.
  func giveBack(
    _ performer: Performer, _ placement: ThreadPlacement, _ effects: inout [Effect]
  ) {
    var frames = engine.carvingBacklog.frames
    while frames > 0, !stops {
      let works = engine.look { core, _ in core.takeCarvingWork(limit: Self.batchFrames) }
      if works.isEmpty { return }
      _ = carve(works, performer, placement, &effects, takes: false) { heartbeat.beat() }
      frames -= works.reduce(0) { $0 + $1.count }
    }
  }
}
