// Admission: accept, hello, welcome. What a newcomer sends is read once; whoever does not say
// hello as the protocol wants it is told so and shown out.

import CoherentCore
import CoherentShared
import CoherentSystem
import CoherentWire

extension ConnectionLoop {
  func accept() {
    for _ in 0..<Self.acceptsPerRound {
      switch listener.accept() {
      case .accepted(let socket):
        let newcomer = Newcomer(socket: socket)
        nextNewcomer += 1
        do throws(SystemError) {
          let user = UserID(rawValue: try newcomer.socket!.peerCredentials().user)
          try epoll.add(newcomer.raw, readable: true, token: nextNewcomer)
          newcomers[nextNewcomer] = newcomer
          arrivals.add(nextNewcomer, of: user)
          makeRoomForArrivals()
          performer.engine.armPulse()  // its greeting has a bound
        } catch {
          performer.log.aboutClient("accept", .warning, "cannot watch a new connection: \(error)")
        }
      case .wouldBlock:
        return
      case .failed(let code):
        performer.log.aboutClient(
          "accept", .warning,
          "nobody can be accepted for now: \(SystemError.explain(code)); clients wait in the queue"
        )
        gate.pause(now: Clock.monotonicNanoseconds() / 1_000_000)
        updateGate()
        return
      }
    }
  }

  /// Opens the gate again when its pause is over.
  func updateGate() {
    let now = Clock.monotonicNanoseconds() / 1_000_000
    do throws(SystemError) {
      try gate.update(epoll, now: now)
    } catch {
      performer.log.aboutClient("accept", .warning, "cannot watch for clients: \(error)")
    }
    if gate.deadline(now: now) != nil { performer.engine.armPulse() }
  }

  func drop(_ token: UInt64) {
    guard let newcomer = newcomers.removeValue(forKey: token) else { return }
    arrivals.remove(token)
    try? epoll.remove(newcomer.raw)
  }

  /// Reads a newcomer's first packet. Descriptors are not received: they are refused, and go with
  /// the connection.
  func greet(_ token: UInt64) {
    guard let newcomer = newcomers[token] else { return }
    let arrival = buffer.withUnsafeMutableBytes { newcomer.socket!.look(into: $0) }
    guard case .message(let bytes, _, let came) = arrival, bytes > 0 else {
      if arrival != .wouldBlock { drop(token) }
      return
    }
    if came == 0 { newcomer.socket!.takePacket() }
    do throws(MalformedPacket) {
      let (number, request, _) = try Request.decode(
        buffer.span.extracting(first: bytes), descriptorCount: came)
      guard case .hello(let lowest, let highest) = request else {
        throw MalformedPacket(
          Refusal(.protocolViolation, .outOfOrder, asked: UInt64(request.kind.rawValue)),
          request: number)
      }
      let version = UInt64(ProtocolVersion.current)
      guard lowest <= ProtocolVersion.current, ProtocolVersion.current <= highest else {
        throw MalformedPacket(
          Refusal(.protocolViolation, .badVersion, asked: UInt64(highest), limit: version),
          request: number)
      }
      admit(token, number)
    } catch {
      refuse(token, error)
    }
  }

  func refuse(_ token: UInt64, _ malformed: MalformedPacket) {
    var packet = [UInt8](repeating: 0, count: PacketLimits.maximumBytes)
    var span = packet.mutableSpan
    let length = Reply.refused(malformed.refusal).encode(
      malformed.request ?? RequestID(rawValue: 0), into: &span)
    if let peer = try? newcomers[token]?.socket!.peerCredentials() {
      report(malformed.refusal, peer)
    }
    _ = packet[..<length].withUnsafeBytes { newcomers[token]?.socket!.send($0) }
    drop(token)
  }

  /// Who was not admitted, and why: by its own doing, or because of a limit.
  private func report(_ refusal: Refusal, _ peer: PeerCredentials) {
    if refusal.reason == .protocolViolation {
      performer.log.event(.clientMisbehaved, client: peer.process, of: peer.user) {
        .clientMisbehaved(EventClient(peer), reason: refusal.description)
      }
    } else {
      performer.report(refusal, of: peer) { EventClient(peer) }
    }
  }

  private func admit(_ token: UInt64, _ number: RequestID) {
    let peer: PeerCredentials
    let process: ProcessDescriptor
    do throws(SystemError) {
      peer = try newcomers[token]!.socket!.peerCredentials()
      process = ProcessDescriptor(
        adopting: try newcomers[token]!.socket!.peerProcessDescriptor())
    } catch {
      guard let refusal = Refusal(daemon: error) else {
        return drop(token)  // it died while it said hello
      }
      return refuse(token, MalformedPacket(refusal, request: number))
    }
    if let refusal = overClosings(peer) {
      return refuse(token, MalformedPacket(refusal, request: number))
    }
    let user = UserID(rawValue: peer.user)
    // It is no session before it attaches; but whoever could be none is told so at once.
    switch performer.engine.look({ core, now in
      core.admissible(process: UInt32(peer.process), user: user, now)
    }) {
    case .failure(let refusal):
      refuse(token, MalformedPacket(refusal, request: number))
    case .success(let id):
      do throws(SystemError) {
        try welcome(token, number, id, peer, process)
      } catch {
        let refusal =
          Refusal(daemon: error)
          ?? Refusal(.outOfHostMemory, .noMemoryFile, asked: UInt64(error.code))
        if let session = sessions[id] {
          session.send(number, .refused(refusal))
          performer.report(refusal, of: peer) { session.client }
          return disconnect(session, nil)
        }
        performer.engine.setMemory(id, nil)
        refuse(token, MalformedPacket(refusal, request: number))
      }
    }
  }

  /// What this user sent, and what goes with its connections, takes so long to close that no more
  /// of it is let in. Nil if it is not so.
  private func overClosings(_ peer: PeerCredentials) -> Refusal? {
    let closer = Closer.shared
    guard closer.isOverLimit(user: peer.user) else { return nil }
    return Refusal(
      .overLimit, .tooManyClosings, asked: UInt64(closer.underWay(user: peer.user)),
      limit: UInt64(closer.limits.closingsPerUser))
  }

  private func welcome(
    _ token: UInt64, _ number: RequestID, _ id: SessionID, _ peer: PeerCredentials,
    _ process: consuming ProcessDescriptor
  ) throws(SystemError) {
    let memory = try SessionMemory(
      session: id.rawValue, user: peer.user, configuration,
      allocationSlots: configuration.maximumAllocationsPerSession)
    let shownTable = try memory.tableFile.openedForReading()
    performer.engine.setMemory(id, memory)
    let newcomer = newcomers.removeValue(forKey: token)!
    let session = ClientSession(
      id: id, peer: peer, socket: newcomer.socket.take()!, process: process, memory: memory,
      performer: performer)
    session.phase = .awaitsAttach
    sessions[id] = session
    arrivals.rename(token, Token.sessions | UInt64(id.rawValue))
    performer.sessions.insert(session)
    try epoll.modify(
      session.socket.raw, readable: true, token: Token.sessions | UInt64(id.rawValue))
    try epoll.add(
      session.process.raw, readable: true, token: Token.processes | UInt64(id.rawValue))
    var welcome = Welcome()
    welcome.version = ProtocolVersion.current
    welcome.passesFaultDevice = faultDevice != nil
    welcome.session = id
    welcome.frameBytes = UInt32(configuration.frameSizeBytes)
    welcome.arenaBytes = configuration.arenaSizeBytes
    welcome.defaultLeaseMilliseconds = UInt32(configuration.leaseDefaultMilliseconds)
    welcome.maximumLeaseMilliseconds = UInt32(configuration.leaseMaximumMilliseconds)
    welcome.maximumTimeoutMilliseconds = UInt32(configuration.maximumTimeoutMilliseconds)
    welcome.maximumRequestsInFlight = UInt32(configuration.inFlightRequestsPerSession)
    welcome.controlOffsetBytes = session.layout.controlOffset
    welcome.controlBytes = session.layout.controlBytes
    welcome.layoutFingerprint = ControlWords.fingerprint
    welcome.tableBytes = memory.tableFile.sizeBytes
    welcome.tableFingerprint = SessionTableLayout.fingerprint
    var passed = [memory.file.raw, shownTable.raw]
    if let faultDevice { passed.append(faultDevice.descriptor.raw) }
    session.send(number, .welcome(welcome), descriptors: passed)
    performer.log.debug(
      "session \(id.rawValue): process \(peer.process) of user \(peer.user) connected")
  }
}
