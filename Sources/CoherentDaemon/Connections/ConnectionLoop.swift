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
    static let watchdog: UInt64 = 5
    static let newcomers: UInt64 = 1 << 63
    static let processes: UInt64 = 1 << 62
    static let sessions: UInt64 = 1 << 61
  }

  static let acceptsPerRound = 16

  let inEffect: ConfigurationInEffect
  let performer: Performer
  let listener: LocalSocket
  let signals: SignalDescriptor
  let epoll: Epoll
  let watchdogTimer: Timer
  let reloader: Reloader
  let faultDevice: FaultDevice?
  /// Of the thread that works on memory blocks.
  let blockHeartbeat: Heartbeat
  let describesItself: () -> String

  var newcomers: [UInt64: Newcomer] = [:]
  var nextNewcomer = Token.newcomers
  /// Newcomers, and those that have had their welcome and are not attached yet.
  var arrivals = Arrivals()
  var sessions: [SessionID: ClientSession] = [:]
  /// Ended sessions whose pager still hangs in the client's address space.
  var hanging: [ClientSession] = []
  var effects: [Effect] = []
  var buffer = [UInt8](repeating: 0, count: PacketLimits.maximumBytes + 1)
  var gate: AcceptGate
  /// Looks after the host's memory while anything happens.
  var memory: MemoryWatch?
  var isStopping = false
  var stopProgress: StopProgress?
  var statusLine = StatusLine()
  /// The log knows that the supervisor takes nothing.
  var hasToldOfSilence = false
  /// Nil where no supervisor expects signs of life.
  var watchdog: Watchdog?
  /// Those that the log knows of.
  var stuckThreads: [String] = []

  var configuration: Configuration { inEffect.current }

  init(
    inEffect: ConfigurationInEffect, performer: Performer, reloader: Reloader,
    listener: consuming LocalSocket, signals: consuming SignalDescriptor,
    faultDevice: FaultDevice?, blockHeartbeat: Heartbeat,
    describesItself: @escaping () -> String
  ) throws(SystemError) {
    self.inEffect = inEffect
    self.performer = performer
    self.reloader = reloader
    self.listener = listener
    self.signals = signals
    self.faultDevice = faultDevice
    self.blockHeartbeat = blockHeartbeat
    self.describesItself = describesItself
    gate = AcceptGate(listener: self.listener.raw, token: Token.listener)
    epoll = try Epoll()
    watchdogTimer = try Timer()
    effects.reserveCapacity(64)
    try epoll.add(self.listener.raw, readable: true, token: Token.listener)
    try epoll.add(performer.engine.timer.raw, readable: true, token: Token.timer)
    try epoll.add(self.signals.raw, readable: true, token: Token.signals)
    try epoll.add(performer.mailbox.bell.raw, readable: true, token: Token.mailbox)
    try epoll.add(performer.engine.pulse.raw, readable: true, token: Token.second)
  }

  /// Runs until a signal ends it and every client has its data back, or until the bound of that.
  /// Returns how many have not, of those whose session is not over.
  func run() -> Int {
    performer.engine.armPulse()
    var ready = [Epoll.Ready](repeating: Epoll.Ready(), count: Epoll.maximumReady)
    while true {
      let count = ready.withUnsafeMutableBufferPointer {
        epoll.wait(into: $0, timeoutMilliseconds: isStopping || isUntold ? 100 : -1)
      }
      for event in ready[..<count] { handle(event) }
      retryTelling()
      if isStopping, isStopOver() { return sessions.values.count { $0.phase != .ending } }
    }
  }

  private func handle(_ event: Epoll.Ready) {
    switch event.token {
    case Token.listener: accept()
    case Token.timer:
      performer.engine.tick(&effects)
      performer.perform(&effects)
    case Token.signals:
      if let signal = signals.next() { obey(signal) }
    case Token.mailbox:
      for letter in performer.mailbox.takeAll() { handle(letter) }
    case Token.second: everySecond()
    case Token.watchdog: giveSignOfLife()
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

  func session(_ token: UInt64) -> ClientSession? {
    sessions[SessionID(rawValue: UInt32(truncatingIfNeeded: token))]
  }

  private func obey(_ signal: CInt) {
    switch signal {
    case Signal.hangUp: reload { _ in }
    case Signal.user2: leaveEverything()
    default: stop("signal \(signal)")
    }
  }

  /// Ends at once, for the next daemon to go on with all of it. Whatever goes on is as safe as in a
  /// crash, so nothing is waited for but what would keep the process from ending.
  private func leaveEverything() {
    performer.log.notice("ending on signal \(Signal.user2), everything is left to the next daemon")
    letGo()
    performer.log.end()
    Process.exitAtOnce(0)
  }

  private func handle(_ letter: Mailbox.Letter) {
    switch letter {
    case .end(let session): end(session)
    case .disconnect(let session, let reason): disconnect(session, reason)
    case .awaitRoom(let session): awaitRoom(session)
    case .pagerFinished(let session): forget(session)
    case .reload(let answer): reload(answer)
    case .configurationRead(let reading, let number): take(reading, of: number)
    }
  }
}

/// The signals that the daemon obeys, signal(7).
enum Signal {
  static let hangUp: CInt = 1
  static let brokenPipe: CInt = 13
  static let interrupt: CInt = 2
  static let abort: CInt = 6
  /// A restart: everything is kept.
  static let user2: CInt = 12
  static let terminate: CInt = 15
}
