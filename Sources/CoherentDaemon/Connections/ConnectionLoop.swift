// The control loop: one thread that accepts clients, reads their requests, gives them to the core
// and sends the answers. It never touches a client's address space and never waits for a client.
// Each round handles at most one packet of each connection, so no flood holds up a neighbour.

import CoherentCore
import CoherentSystem
import CoherentWire

final class ConnectionLoop {
  enum Token {
    static let listener: UInt64 = 0
    static let timer: UInt64 = 1
    static let signals: UInt64 = 2
    static let mailbox: UInt64 = 3
    static let second: UInt64 = 4
    static let newcomers: UInt64 = 1 << 63
    static let processes: UInt64 = 1 << 62
    static let sessions: UInt64 = 1 << 61
  }

  static let maximumNewcomers = 128
  static let acceptsPerRound = 16

  let configuration: Configuration
  let performer: Performer
  let listener: LocalSocket
  let signals: SignalDescriptor
  let epoll: Epoll
  /// Ticks once a second: for what is bounded in seconds.
  let secondTimer: Timer
  let faultDevice: FaultDevice?
  let describesItself: () -> String

  var newcomers: [UInt64: Newcomer] = [:]
  var nextNewcomer = Token.newcomers
  var sessions: [SessionID: ClientSession] = [:]
  /// Ended sessions whose pager still hangs in the client's address space.
  var hanging: [ClientSession] = []
  var effects: [Effect] = []
  var buffer = [UInt8](repeating: 0, count: PacketLimits.maximumBytes + 1)
  var descriptors: [CInt] = []
  var isStopping = false

  init(
    configuration: Configuration, performer: Performer, listener: consuming LocalSocket,
    signals: consuming SignalDescriptor, faultDevice: FaultDevice?,
    describesItself: @escaping () -> String
  ) throws(SystemError) {
    self.configuration = configuration
    self.performer = performer
    self.listener = listener
    self.signals = signals
    self.faultDevice = faultDevice
    self.describesItself = describesItself
    epoll = try Epoll()
    secondTimer = try Timer()
    effects.reserveCapacity(64)
    try epoll.add(self.listener.raw, readable: true, token: Token.listener)
    try epoll.add(performer.engine.timer.raw, readable: true, token: Token.timer)
    try epoll.add(self.signals.raw, readable: true, token: Token.signals)
    try epoll.add(performer.mailbox.bell.raw, readable: true, token: Token.mailbox)
    try epoll.add(secondTimer.raw, readable: true, token: Token.second)
  }

  /// Runs until a signal ends it and every client has its data back, or until the bound of that.
  /// Returns how many have not.
  func run() -> Int {
    armSecond()
    var ready = [Epoll.Ready](repeating: Epoll.Ready(), count: Epoll.maximumReady)
    var stopsAt = UInt64.max
    while true {
      let count = ready.withUnsafeMutableBufferPointer {
        epoll.wait(into: $0, timeoutMilliseconds: isStopping ? 100 : -1)
      }
      for event in ready[..<count] { handle(event) }
      guard isStopping else { continue }
      if stopsAt == .max { stopsAt = Clock.monotonicNanoseconds() + Self.stopNanoseconds }
      if sessions.isEmpty || Clock.monotonicNanoseconds() > stopsAt { return sessions.count }
    }
  }

  /// How long clients may take to get their data back.
  private static let stopNanoseconds: UInt64 = 60_000_000_000

  private func handle(_ event: Epoll.Ready) {
    switch event.token {
    case Token.listener: accept()
    case Token.timer:
      performer.engine.tick(&effects)
      performer.perform(&effects)
    case Token.signals:
      if let signal = signals.next() { stop(signal) }
    case Token.mailbox:
      for letter in performer.mailbox.takeAll() { handle(letter) }
    case Token.second: everySecond()
    case let token where token & Token.newcomers != 0:
      greet(token)
    case let token where token & Token.processes != 0:
      if let session = session(token) { disconnect(session, nil) }
    default:
      guard let session = session(event.token) else { return }
      if event.writable, session.isWatchedForRoom { makeRoom(session) }
      if event.readable {
        serve(session)
      } else if event.hangUp || event.failed {
        disconnect(session, nil)
      }
    }
  }

  private func session(_ token: UInt64) -> ClientSession? {
    sessions[SessionID(rawValue: UInt32(truncatingIfNeeded: token))]
  }

  private func handle(_ letter: Mailbox.Letter) {
    switch letter {
    case .end(let session): end(session)
    case .disconnect(let session, let reason): disconnect(session, reason)
    case .awaitRoom(let session): awaitRoom(session)
    case .pagerFinished(let session): forget(session)
    }
  }

  private func stop(_ signal: CInt) {
    guard !isStopping else { return }
    isStopping = true
    performer.log.notice(
      "stopping on signal \(signal): handing every client its data back, "
        + "sessions: \(sessions.count)"
    )
    Supervisor.stopping()
    try? epoll.remove(listener.raw)
    for token in newcomers.keys { drop(token) }
    performer.engine.step(&effects) { core, now, effects in core.beginStopping(now, &effects) }
    performer.perform(&effects)
    for session in Array(sessions.values) {
      if session.phase == .attached, let pager = session.pager {
        pager.surrender()
      } else {
        disconnect(session, nil)
      }
    }
  }

  // MARK: seconds

  private func armSecond() {
    secondTimer.arm(atNanoseconds: Clock.monotonicNanoseconds() + 1_000_000_000)
  }

  /// Looks for what has taken too long: greetings, slow readers, address spaces that resist.
  private func everySecond() {
    _ = secondTimer.drain()
    armSecond()
    performer.engine.tick(&effects)
    performer.perform(&effects)
    let now = Clock.monotonicNanoseconds()
    for (token, newcomer) in newcomers
    where exceeds(newcomer.sinceNanoseconds, configuration.attachTimeoutMilliseconds, now) {
      drop(token)
    }
    for session in Array(sessions.values) { checkBounds(session, now) }
    hanging.removeAll { session in
      guard let pager = session.pager, pager.hasFinished else { return false }
      pager.join()
      session.pager = nil
      return true
    }
    if !isStopping { Supervisor.status(describesItself()) }
  }

  private func checkBounds(_ session: ClientSession, _ now: UInt64) {
    let faultNanoseconds = configuration.faultTimeoutMilliseconds * 1_000_000
    let hangs = (session.pager?.busyNanoseconds(at: now) ?? 0) > faultNanoseconds
    switch session.phase {
    case .awaitsHello, .awaitsAttach, .attaching:
      if exceeds(session.sinceNanoseconds, configuration.attachTimeoutMilliseconds, now) {
        disconnect(session, "did not attach within the time for it", .timedOut)
      }
    case .attached:
      if let since = session.waitsForRoomSince,
        exceeds(since, configuration.slowReaderTimeoutMilliseconds, now)
      {
        disconnect(session, "does not read its replies", .protocolViolation)
      } else if hangs {
        disconnect(session, "its address space resists the pager", .protocolViolation)
      }
    case .ending:
      if hangs, session.claimRelease() { performer.housekeeper.reap(session) }
    }
  }

  private func exceeds(_ since: UInt64, _ milliseconds: UInt64, _ now: UInt64) -> Bool {
    now > since && now - since > milliseconds * 1_000_000
  }
}
