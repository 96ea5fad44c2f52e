// The server's thread: waits, accepts, gives every connection its turn, and closes those that have
// been quiet for too long, or for longest where there is no room for one more. Every round is
// bounded: so many accepted, one read and one turn for each connection. Nothing waits for a peer.
import CoherentSystem

final class ControlLoop {
  private static let listenerToken: UInt64 = 0
  private static let bellToken: UInt64 = 1
  private static let firstSlotToken: UInt64 = 2
  private static let acceptsPerRound = 16

  private let resources: ControlResources
  private let settings: ControlServer.Settings
  private let context: ControlContext
  private var peers: [ControlPeer?]
  private var lastGeneration: UInt32 = 0
  private var buffer = [UInt8](repeating: 0, count: ControlLimits.readBytes)
  private var ordersUnderWay = 0
  private var gate: AcceptGate
  /// When followers are woken; nil while the bell has not rung.
  private var wakesAt: UInt64?
  private var lastWake: UInt64 = 0

  init(
    _ resources: ControlResources, _ settings: ControlServer.Settings,
    _ source: any ControlSource
  ) {
    self.resources = resources
    self.settings = settings
    context = ControlContext(
      source: source, info: settings.info, followers: resources.followers)
    peers = Array(repeating: nil, count: ControlLimits.connections)
    gate = AcceptGate(listener: resources.listener.raw, token: Self.listenerToken)
  }

  func run() {
    do throws(SystemError) {
      try resources.epoll.add(resources.bell.raw, readable: true, token: Self.bellToken)
      try resources.epoll.add(resources.listener.raw, readable: true, token: Self.listenerToken)
    } catch {
      // The two descriptors were made by us a moment ago; only the kernel's memory can be short.
      settings.report(.acceptFailed(error))
      return
    }
    var ready = [Epoll.Ready](repeating: Epoll.Ready(), count: ControlLimits.connections + 2)
    while true {
      let timeout = timeoutMilliseconds(Self.now())
      let count = ready.withUnsafeMutableBufferPointer {
        resources.epoll.wait(into: $0, timeoutMilliseconds: timeout)
      }
      let now = Self.now()
      for event in ready[..<count] { handle(event, now) }
      guard let posted = resources.takePosted() else { return }
      for finished in posted { finish(finished) }
      wakeFollowers(now)
      for slot in peers.indices { takeTurn(slot, now) }
      closeQuiet(now)
      updateListening(now)
    }
  }

  private static func now() -> UInt64 { Clock.monotonicNanoseconds() / 1_000_000 }

  // MARK: Events

  private func handle(_ event: Epoll.Ready, _ now: UInt64) {
    switch event.token {
    case Self.bellToken: resources.bell.drain()
    case Self.listenerToken: accept(now)
    default:
      guard let slot = slot(of: event.token), let peer = peers[slot] else { return }
      // A caller that has gone altogether waits for no order.
      if event.hangUp && (peer.connection.isWaiting || peer.connection.isFollowing) {
        return close(slot)
      }
      guard event.readable || event.hangUp else { return }
      switch peer.read(into: &buffer, now: now) {
      case .goesOn: break
      case .failed: close(slot)
      case .violated(let violation):
        settings.report(.misbehaved(peer.credentials, violation))
        close(slot)
      }
    }
  }

  private func finish(_ finished: ControlResources.Finished) {
    ordersUnderWay -= 1
    invariant(ordersUnderWay >= 0, "an order ends once")
    guard let slot = slot(of: finished.token), let peer = peers[slot] else { return }
    peer.lastActive = Self.now()
    peer.connection.finish(finished.reply)
  }

  /// Lets those look again who wait for the bell, if it has rung; not more often than is useful.
  private func wakeFollowers(_ now: UInt64) {
    if resources.followers.takeRing() {
      wakesAt = max(now, lastWake + ControlLimits.followPauseMilliseconds)
    }
    guard let wakesAt, wakesAt <= now else { return }
    self.wakesAt = nil
    lastWake = now
    for peer in peers { peer?.connection.wake() }
  }

  /// The slot of a token whose connection is still there.
  private func slot(of token: UInt64) -> Int? {
    let slot = Int(UInt32(truncatingIfNeeded: token)) - Int(Self.firstSlotToken)
    guard peers.indices.contains(slot), peers[slot]?.token == token else { return nil }
    return slot
  }

  // MARK: Turns

  /// Sends, performs, sends, and watches for what is needed next.
  private func takeTurn(_ slot: Int, _ now: UInt64) {
    guard let peer = peers[slot] else { return }
    guard peer.write(now: now) else { return close(slot) }
    switch peer.connection.advance(context) {
    case .rest, .again: break
    case .start(let call): start(call, peer)
    case .close(let violation):
      if let violation { settings.report(.misbehaved(peer.credentials, violation)) }
      return close(slot)
    }
    guard peer.write(now: now) else { return close(slot) }
    watch(slot, peer)
  }

  /// Hands an order to the daemon. What was ordered goes on when its caller leaves; so the number
  /// of orders has a limit of its own.
  private func start(_ call: DeferredCall, _ peer: ControlPeer) {
    guard ordersUnderWay < ControlLimits.orders else {
      let detail = ControlError.MessageDetail(
        reason: "overLimit", message: "\(ordersUnderWay) orders are under way already")
      return peer.connection.finish(CallFailure.control(.refused(detail)).replyText)
    }
    ordersUnderWay += 1
    let token = peer.token
    call.start { [resources] reply in
      resources.post(ControlResources.Finished(token: token, reply: reply))
    }
  }

  private func watch(_ slot: Int, _ peer: ControlPeer) {
    let input = peer.connection.wantsInput
    let output = peer.connection.unsentBytes > 0
    guard input != peer.watchesInput || output != peer.watchesOutput else { return }
    do throws(SystemError) {
      try resources.epoll.modify(
        peer.socket.raw, readable: input, writable: output, token: peer.token)
      peer.watchesInput = input
      peer.watchesOutput = output
    } catch {
      close(slot)
    }
  }

  // MARK: Coming and going

  private func accept(_ now: UInt64) {
    for _ in 0..<Self.acceptsPerRound {
      guard let slot = place(now) else { return }
      switch resources.listener.accept() {
      case .accepted(let socket): admit(socket, slot, now)
      case .wouldBlock: return
      case .failed(let code):
        gate.pause(now: now)
        return settings.report(.acceptFailed(SystemError(operation: "accept", code: code)))
      }
    }
  }

  private func admit(_ socket: consuming LocalSocket, _ slot: Int, _ now: UInt64) {
    // A peer that cannot even be asked about has gone.
    guard let credentials = try? socket.peerCredentials() else { return }
    let permission = settings.administrators.permission(
      user: credentials.user, groups: credentials.supplementaryGroups + [credentials.group])
    if permission != .administrator, !makeRoomForStranger(credentials.user, now) {
      return settings.report(.turnedAway(credentials))
    }
    if peers[slot] != nil { close(slot) }
    lastGeneration &+= 1
    let token = UInt64(lastGeneration) << 32 | (UInt64(slot) + Self.firstSlotToken)
    let peer = ControlPeer(socket, credentials, permission, token: token, now: now)
    guard (try? peer.socket.receiveUrgentInline()) != nil else { return }
    guard (try? resources.epoll.add(peer.socket.raw, readable: true, token: token)) != nil else {
      return
    }
    peers[slot] = peer
  }

  /// A place for one more: a free one, else that of the idlest who may be asked to go; nil while
  /// there is none.
  private func place(_ now: UInt64) -> Int? {
    peers.firstIndex { $0 == nil } ?? idlest(now) { _ in true }
  }

  /// Who has been silent for longest of those who are owed nothing, and for long enough. Those who
  /// follow the events are silent by nature, and go last.
  private func idlest(_ now: UInt64, _ isMeant: (ControlPeer) -> Bool) -> Int? {
    peers.indices.filter { slot in
      guard let peer = peers[slot], isMeant(peer) else { return false }
      return peer.mayGoAt.map { $0 <= now } ?? false
    }.min { left, right in
      let (left, right) = (peers[left]!, peers[right]!)
      return (left.connection.isFollowing ? 1 : 0, left.lastActive)
        < (right.connection.isFollowing ? 1 : 0, right.lastActive)
    }
  }

  /// Whether one more may be admitted who is no administrator; the idlest of them goes for it.
  private func makeRoomForStranger(_ user: UInt32, _ now: UInt64) -> Bool {
    if Closer.shared.isOverLimit(user: user) { return false }
    if peers.count(where: { $0?.isStranger == true }) < ControlLimits.strangers { return true }
    guard let slot = idlest(now, \.isStranger) else { return false }
    close(slot)
    return true
  }

  private func close(_ slot: Int) {
    // The kernel forgets a watched descriptor when its last copy closes, and this is the only one.
    peers[slot] = nil
  }

  private func closeQuiet(_ now: UInt64) {
    for slot in peers.indices {
      if let deadline = peers[slot]?.deadline, deadline <= now { close(slot) }
    }
  }

  // MARK: Waiting

  /// Callers wait in the socket's queue while there is no slot for them.
  private func updateListening(_ now: UInt64) {
    do throws(SystemError) {
      try gate.update(resources.epoll, hasRoom: place(now) != nil, now: now)
    } catch {
      settings.report(.acceptFailed(error))
    }
  }

  /// Until the next thing that has to be done without an event.
  private func timeoutMilliseconds(_ now: UInt64) -> Int32 {
    if peers.contains(where: { $0?.connection.wantsTurn == true }) { return 0 }
    var next = peers.compactMap { $0?.deadline }.min()
    if let opensAt = gate.deadline(now: now) { next = min(next ?? .max, opensAt) }
    if place(now) == nil, let goes = peers.compactMap({ $0?.mayGoAt }).min() {
      next = min(next ?? .max, goes)
    }
    if let wakesAt { next = min(next ?? .max, wakesAt) }
    guard let next else { return -1 }
    return Int32(clamping: next > now ? next - now : 0)
  }
}
