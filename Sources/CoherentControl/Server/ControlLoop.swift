// The server's thread: waits, accepts, gives every connection its turn, and closes those that have
// been quiet for too long. Every round is bounded: so many accepted, one read and one turn for each
// connection. Nothing here waits for a peer.
import CoherentSystem

final class ControlLoop {
  private static let listenerToken: UInt64 = 0
  private static let bellToken: UInt64 = 1
  private static let firstSlotToken: UInt64 = 2
  private static let acceptsPerRound = 16
  /// How long nobody is accepted after descriptors have run out.
  private static let acceptPauseMilliseconds: UInt64 = 1000

  private let resources: ControlResources
  private let settings: ControlServer.Settings
  private let context: ControlContext
  private var peers: [ControlPeer?]
  private var lastGeneration: UInt32 = 0
  private var buffer = [UInt8](repeating: 0, count: ControlLimits.readBytes)
  private var ordersUnderWay = 0
  private var isListening = true
  private var acceptsAgainAt: UInt64 = 0
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
      if event.readable || event.hangUp, !peer.read(into: &buffer, now: now) { close(slot) }
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
      guard let slot = peers.firstIndex(where: { $0 == nil }) else { return }
      switch resources.listener.accept() {
      case .accepted(let socket): admit(socket, slot, now)
      case .wouldBlock: return
      case .failed(let code):
        acceptsAgainAt = now + Self.acceptPauseMilliseconds
        return settings.report(.acceptFailed(SystemError(operation: "accept", code: code)))
      }
    }
  }

  private func admit(_ socket: consuming LocalSocket, _ slot: Int, _ now: UInt64) {
    // A peer that cannot even be asked about has gone.
    guard let credentials = try? socket.peerCredentials() else { return }
    let permission = settings.administrators.permission(
      user: credentials.user, groups: credentials.supplementaryGroups + [credentials.group])
    let strangers = peers.count { $0?.isStranger == true }
    if permission != .administrator && strangers >= ControlLimits.strangers {
      return settings.report(.turnedAway(credentials))
    }
    lastGeneration &+= 1
    let token = UInt64(lastGeneration) << 32 | (UInt64(slot) + Self.firstSlotToken)
    let peer = ControlPeer(socket, credentials, permission, token: token, now: now)
    guard (try? resources.epoll.add(peer.socket.raw, readable: true, token: token)) != nil else {
      return
    }
    peers[slot] = peer
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
    let shouldListen = now >= acceptsAgainAt && peers.contains { $0 == nil }
    guard shouldListen != isListening else { return }
    let listener = resources.listener.raw
    do throws(SystemError) {
      try resources.epoll.modify(listener, readable: shouldListen, token: Self.listenerToken)
      isListening = shouldListen
    } catch {
      settings.report(.acceptFailed(error))
    }
  }

  /// Until the next thing that has to be done without an event.
  private func timeoutMilliseconds(_ now: UInt64) -> Int32 {
    if peers.contains(where: { $0?.connection.wantsTurn == true }) { return 0 }
    var next = peers.compactMap { $0?.deadline }.min()
    if acceptsAgainAt > now { next = min(next ?? .max, acceptsAgainAt) }
    if let wakesAt { next = min(next ?? .max, wakesAt) }
    guard let next else { return -1 }
    return Int32(clamping: next > now ? next - now : 0)
  }
}
