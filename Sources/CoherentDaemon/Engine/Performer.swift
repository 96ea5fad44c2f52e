// Carries out what the core decided, in its order: sends replies, hands jobs to pagers, tells the
// housekeeper to carve. Any thread may perform effects; none of it waits for a client.

import CoherentCore
import CoherentSystem
import CoherentWire
import Synchronization

final class Performer: Sendable {
  let engine: Engine
  let sessions = SessionRegistry()
  let housekeeper: Housekeeper
  let mailbox: Mailbox
  let log: Log
  let frameBytes: UInt64
  /// Where which memory is to lie.
  var nodes: DeviceNodes { housekeeper.region.nodes }
  /// Nil where nothing outlives the daemon.
  let keeper: SessionKeeper?
  private let orders = Mutex<[UInt64: @Sendable (AdministrationAnswer) -> Void]>([:])
  private let misbehavedClients = Atomic<UInt64>(0)
  private let nextOrder = Atomic<UInt64>(1)
  /// What of the pressure the log knows.
  private let pressure = Mutex(PressureEpisodes())

  init(
    engine: Engine, housekeeper: Housekeeper, mailbox: Mailbox, log: Log, frameBytes: UInt64,
    keeper: SessionKeeper?
  ) {
    self.keeper = keeper
    self.frameBytes = frameBytes
    self.engine = engine
    self.housekeeper = housekeeper
    self.mailbox = mailbox
    self.log = log
  }

  /// One more would not survive the daemon, where the others do.
  var sessionsAtMost: Int { keeper == nil ? .max : DescriptorStore.maximumSessions }

  /// Performs and empties the buffer. `current` saves looking up the session that asked.
  func perform(_ effects: inout [Effect], current: ClientSession? = nil) {
    while !effects.isEmpty {
      var rejected: [Job] = []
      for effect in effects { perform(effect, current, &rejected) }
      effects.removeAll(keepingCapacity: true)
      guard !rejected.isEmpty else { return }
      let jobs = rejected
      engine.step(&effects) { core, now, effects in
        for job in jobs { core.completed(job, .cancelled, now, &effects) }
      }
    }
  }

  private func perform(_ effect: Effect, _ current: ClientSession?, _ rejected: inout [Job]) {
    switch effect {
    case .reply(let id, let request, let reply):
      guard let session = session(id, current) else { return }
      if let point = KillPoint(before: reply) { KillPoint.reached(point) }
      session.send(request, reply)
      if let point = KillPoint(after: reply) { KillPoint.reached(point) }
      if case .refused(let refusal) = reply { report(refusal, session) }
    case .job(let job):
      if session(job.session, current)?.pager?.enqueue(job) != true { rejected.append(job) }
    case .end(let id):
      if let session = session(id, current) { mailbox.post(.end(session)) }
    case .carve:
      housekeeper.wake()
    case .administrated(let token, let answer):
      orders.withLock { $0.removeValue(forKey: token) }?(answer)
    case .pressure(let began):
      let now = Clock.monotonicNanoseconds()
      pressure.withLock { $0.note(began, now) }
      log.debug("pressure \(began ? "began" : "ended")")
    case .blockChanged(let block, let state):
      log.event(
        .blockStateChanged(
          block..<block + 1, state: HistoryText.word(state), blockBytes: blockBytes))
    case .notify(let id, let event):
      guard let session = session(id, current) else { return }
      session.send(event)
      if case .leaseRevoked(let handle, _, let pins) = event {
        log.event(.leaseRevoked, client: session.peer.process, of: session.peer.user) {
          .leaseRevoked(session.client, allocation: handle, pins: Int(pins))
        }
      }
    }
  }

  // MARK: reports

  private func report(_ refusal: Refusal, _ session: ClientSession) {
    if refusal.reason == .protocolViolation {
      mailbox.post(
        .disconnect(session, "\(refusal.reason): \(refusal.detail): \(refusal.description)"))
    } else {
      report(refusal, of: session.peer) { session.client }
    }
  }

  /// A refusal that an administrator can do something about.
  func report(_ refusal: Refusal, of peer: PeerCredentials, _ client: () -> EventClient) {
    guard let kind = LogEvent.kind(of: refusal) else { return }
    log.event(kind, client: peer.process, of: peer.user) { .refused(client(), refusal, kind) }
  }

  /// Pressure that the log owes a line about may come and go; `reportPressure` wants to be called.
  var watchesPressure: Bool { pressure.withLock { $0.isOpen } }

  /// Says of pressure what is to be said at this moment. Once a second.
  func reportPressure(_ now: UInt64) {
    guard watchesPressure else { return }
    let (isUnderPressure, free, low, high) = engine.look { core, _ in
      let status = core.status()
      return (
        status.isUnderPressure, status.device[.free] ?? 0, core.configuration.lowFrames,
        core.configuration.highFrames
      )
    }
    let line = pressure.withLock { pressure in
      pressure.look(isUnderPressure, now)
      return pressure.line(now)
    }
    switch line {
    case nil: break
    case .lasts(_, let times):
      log.event(.pressureBegan(freeBytes: bytes(free), lowBytes: bytes(low), times: times))
    case .goesOn(let since, let times):
      log.event(
        .pressureGoesOn(
          freeBytes: bytes(free), lowBytes: bytes(low),
          durationMilliseconds: (now - since) / 1_000_000, times: times))
    case .over(let duration, let times):
      log.event(
        .pressureEnded(
          freeBytes: bytes(free), highBytes: bytes(high),
          durationMilliseconds: duration / 1_000_000, times: times))
    }
  }

  private var blockBytes: UInt64 { bytes(engine.look { core, _ in core.blockFrames }) }

  private func bytes(_ frames: Int) -> UInt64 { UInt64(frames) * frameBytes }

  private func session(_ id: SessionID, _ current: ClientSession?) -> ClientSession? {
    if let current, current.id == id { return current }
    return sessions[id]
  }

  /// Registers an administrator's order; its answer will be given once to `completion`.
  func order(_ completion: @escaping @Sendable (AdministrationAnswer) -> Void) -> UInt64 {
    let token = nextOrder.add(1, ordering: .relaxed).newValue
    orders.withLock { $0[token] = completion }
    return token
  }

  /// Counts a client that had to be shown out.
  func misbehaved() { misbehavedClients.add(1, ordering: .relaxed) }

  var misbehavedCount: UInt64 { misbehavedClients.load(ordering: .relaxed) }
}
