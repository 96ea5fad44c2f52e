// Serves the metrics to scrapers, one request a connection, on one thread. Nothing that a scraper
// does or leaves undone holds anything up: requests have a length, conversations a time,
// connections a number, and the daemon is asked at most once in a while however many ask. Where
// there is no room for one more, the one goes that has been silent for longest.
import CoherentSystem

struct MetricsServer: ~Copyable {
  static let maximumConnections = 64
  /// So few in one round that each of them is read from before others can push it out.
  private static let acceptsPerRound = 8
  /// For so long a scraper may be silent although others wait for its place.
  private static let graceMilliseconds: UInt64 = 100
  /// For a whole conversation.
  static let conversationMilliseconds: UInt64 = 10_000
  /// How long a page is good for.
  static let pageMilliseconds: UInt64 = 500
  private static let signalToken: UInt64 = 0
  private static let listenerToken: UInt64 = 1
  private static let firstPeerToken: UInt64 = 2

  private final class Peer {
    let socket: LocalSocket
    let token: UInt64
    let deadline: UInt64
    /// When bytes last moved.
    var lastActive: UInt64
    var exchange = HTTPExchange()
    var watchesOutput = false

    init(_ socket: consuming LocalSocket, token: UInt64, now: UInt64) {
      self.socket = socket
      self.token = token
      deadline = now + MetricsServer.conversationMilliseconds
      lastActive = now
    }
  }

  private let listener: LocalSocket
  private let signals: EndSignals
  private let epoll: Epoll
  private let makePage: () -> String
  private var page: (text: String, madeAt: UInt64)?
  private var peers: [Peer?] = Array(repeating: nil, count: Self.maximumConnections)
  private var lastToken = Self.firstPeerToken
  private var gate: AcceptGate
  private var buffer = [UInt8](repeating: 0, count: 4096)

  /// Takes ownership of a listening socket, which must be non-blocking.
  init(
    _ listener: consuming LocalSocket, _ signals: consuming EndSignals,
    page makePage: @escaping () -> String
  ) throws(Complaint) {
    let epoll = try signals.epoll(token: Self.signalToken)
    do throws(SystemError) {
      try epoll.add(listener.raw, readable: true, token: Self.listenerToken)
    } catch {
      throw Complaint("\(error)", status: Complaint.failureStatus)
    }
    self.epoll = epoll
    gate = AcceptGate(listener: listener.raw, token: Self.listenerToken)
    self.listener = listener
    self.signals = signals
    self.makePage = makePage
  }

  /// Serves until a signal comes.
  mutating func run() {
    var ready = [Epoll.Ready](repeating: Epoll.Ready(), count: Self.maximumConnections + 2)
    while true {
      let timeout = timeoutMilliseconds(now())
      let count = ready.withUnsafeMutableBufferPointer {
        epoll.wait(into: $0, timeoutMilliseconds: timeout)
      }
      for event in ready[..<count] {
        switch event.token {
        case Self.signalToken: if signals.descriptor.next() != nil { return }
        case Self.listenerToken: accept()
        default: serve(event)
        }
      }
      let now = now()
      for slot in peers.indices {
        if let peer = peers[slot], peer.deadline <= now { peers[slot] = nil }
      }
      updateListening(now)
    }
  }

  private func now() -> UInt64 { Clock.monotonicNanoseconds() / 1_000_000 }

  // MARK: Conversations

  private mutating func serve(_ event: Epoll.Ready) {
    // A token is used once: an event for a peer that was closed in this round finds nobody.
    guard let slot = peers.firstIndex(where: { $0?.token == event.token }),
      let peer = peers[slot]
    else { return }
    guard read(peer), write(peer), !peer.exchange.isOver, watch(peer) else {
      peers[slot] = nil
      return
    }
  }

  /// False when it has gone.
  private mutating func read(_ peer: Peer) -> Bool {
    guard peer.exchange.wantsInput else { return true }
    let count: Int? = buffer.withUnsafeMutableBytes { bytes in
      switch peer.socket.look(into: bytes) {
      case .message(let count, _, 0):
        let part = UnsafeMutableRawBufferPointer(rebasing: bytes[..<count])
        return peer.socket.takeBytes(part) ? count : nil
      case .wouldBlock: return 0
      // No scraper sends descriptors: they are not received, and go with the connection.
      case .message, .closed, .failed: return nil
      }
    }
    guard let count else { return false }
    if count > 0 {
      peer.lastActive = now()
      let bytes = buffer[..<count]
      peer.exchange.receive(bytes) { currentPage() }
    }
    return true
  }

  private func write(_ peer: Peer) -> Bool {
    var isOpen = true
    peer.exchange.drain { bytes in
      switch peer.socket.send(bytes) {
      case .sent(let count):
        peer.lastActive = now()
        return count
      case .wouldBlock: return 0
      case .closed, .failed:
        isOpen = false
        return 0
      }
    }
    return isOpen
  }

  private func watch(_ peer: Peer) -> Bool {
    let output = peer.exchange.unsentBytes > 0
    guard output != peer.watchesOutput else { return true }
    peer.watchesOutput = output
    return
      (try? epoll.modify(
        peer.socket.raw, readable: !output, writable: output, token: peer.token)) != nil
  }

  private mutating func currentPage() -> String {
    let now = now()
    if let page, now < page.madeAt + Self.pageMilliseconds { return page.text }
    let text = makePage()
    page = (text, self.now())
    return text
  }

  // MARK: Coming and going

  private mutating func accept() {
    for _ in 0..<Self.acceptsPerRound {
      guard let slot = place(now()) else { return }
      switch listener.accept() {
      case .accepted(let socket): admit(socket, slot)
      case .wouldBlock: return
      case .failed(let code):
        gate.pause(now: now())
        let error = SystemError(operation: "accept", code: code)
        StandardError.write("coherentctl: nobody can be accepted for now: \(error)\n")
        return
      }
    }
  }

  private mutating func admit(_ socket: consuming LocalSocket, _ slot: Int) {
    lastToken += 1
    let peer = Peer(socket, token: lastToken, now: now())
    guard (try? peer.socket.receiveUrgentInline()) != nil else { return }
    guard (try? epoll.add(peer.socket.raw, readable: true, token: peer.token)) != nil else {
      return
    }
    peers[slot] = peer
  }

  /// A place for one more: a free one, else that of the idlest; nil while nobody has been silent
  /// for long enough.
  private func place(_ now: UInt64) -> Int? {
    if let free = peers.firstIndex(where: { $0 == nil }) { return free }
    let idlest = peers.indices.min { peers[$0]!.lastActive < peers[$1]!.lastActive }!
    return peers[idlest]!.lastActive + Self.graceMilliseconds <= now ? idlest : nil
  }

  /// Scrapers wait in the socket's queue while there is no room for them.
  private mutating func updateListening(_ now: UInt64) {
    try? gate.update(epoll, hasRoom: place(now) != nil, now: now)
  }

  private func timeoutMilliseconds(_ now: UInt64) -> Int32 {
    var next = peers.compactMap { $0?.deadline }.min()
    if let opensAt = gate.deadline(now: now) { next = min(next ?? .max, opensAt) }
    if place(now) == nil, let idlest = peers.compactMap({ $0?.lastActive }).min() {
      next = min(next ?? .max, idlest + Self.graceMilliseconds)
    }
    guard let next else { return -1 }
    return Int32(clamping: next > now ? next - now : 0)
  }
}
