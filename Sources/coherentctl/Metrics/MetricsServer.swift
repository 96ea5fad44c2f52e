// Serves the metrics to scrapers, one request a connection, on one thread. Nothing that a scraper
// does or leaves undone holds anything up: requests have a length, conversations a time,
// connections a number, and the daemon is asked at most once in a while however many ask.
import CoherentSystem

struct MetricsServer: ~Copyable {
  static let maximumConnections = 16
  /// For a whole conversation.
  static let conversationMilliseconds: UInt64 = 10_000
  /// How long a page is good for.
  static let pageMilliseconds: UInt64 = 500
  private static let acceptPauseMilliseconds: UInt64 = 1000
  private static let signalToken: UInt64 = 0
  private static let listenerToken: UInt64 = 1
  private static let firstPeerToken: UInt64 = 2

  private final class Peer {
    let socket: LocalSocket
    let token: UInt64
    let deadline: UInt64
    var exchange = HTTPExchange()
    var watchesOutput = false

    init(_ socket: consuming LocalSocket, token: UInt64, deadline: UInt64) {
      self.socket = socket
      self.token = token
      self.deadline = deadline
    }
  }

  private let listener: LocalSocket
  private let signals: EndSignals
  private let epoll: Epoll
  private let makePage: () -> String
  private var page: (text: String, madeAt: UInt64)?
  private var peers: [Peer?] = Array(repeating: nil, count: Self.maximumConnections)
  private var lastToken = Self.firstPeerToken
  private var isListening = true
  private var acceptsAgainAt: UInt64 = 0
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
    var descriptors: [CInt] = []
    let outcome = buffer.withUnsafeMutableBytes {
      peer.socket.receive(into: $0, descriptors: &descriptors)
    }
    // No scraper sends descriptors: what came is closed.
    for number in descriptors { _ = Descriptor(owning: number) }
    switch outcome {
    case .received(let count, _, _):
      let bytes = buffer[..<count]
      peer.exchange.receive(bytes) { currentPage() }
      return true
    case .wouldBlock: return true
    case .closed, .failed: return false
    }
  }

  private func write(_ peer: Peer) -> Bool {
    var isOpen = true
    peer.exchange.drain { bytes in
      switch peer.socket.send(bytes) {
      case .sent(let count): return count
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
    while let slot = peers.firstIndex(where: { $0 == nil }) {
      switch listener.accept() {
      case .accepted(let socket): admit(socket, slot)
      case .wouldBlock: return
      case .failed(let code):
        acceptsAgainAt = now() + Self.acceptPauseMilliseconds
        let error = SystemError(operation: "accept", code: code)
        StandardError.write("coherentctl: nobody can be accepted for now: \(error)\n")
        return
      }
    }
  }

  private mutating func admit(_ socket: consuming LocalSocket, _ slot: Int) {
    lastToken += 1
    let peer = Peer(
      socket, token: lastToken, deadline: now() + Self.conversationMilliseconds)
    guard (try? epoll.add(peer.socket.raw, readable: true, token: peer.token)) != nil else {
      return
    }
    peers[slot] = peer
  }

  /// Scrapers wait in the socket's queue while there is no room for them.
  private mutating func updateListening(_ now: UInt64) {
    let shouldListen = now >= acceptsAgainAt && peers.contains { $0 == nil }
    guard shouldListen != isListening else { return }
    guard
      (try? epoll.modify(listener.raw, readable: shouldListen, token: Self.listenerToken)) != nil
    else { return }
    isListening = shouldListen
  }

  private func timeoutMilliseconds(_ now: UInt64) -> Int32 {
    var next = peers.compactMap { $0?.deadline }.min()
    if acceptsAgainAt > now { next = min(next ?? .max, acceptsAgainAt) }
    guard let next else { return -1 }
    return Int32(clamping: next > now ? next - now : 0)
  }
}
