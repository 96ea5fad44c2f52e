// Requests of admitted clients: one packet a round each. What cannot be decoded ends the session,
// by name; what cannot be granted is refused and changes nothing.

import CoherentCore
import CoherentSystem
import CoherentWire

extension ConnectionLoop {
  func serve(_ session: ClientSession) {
    let arrival = buffer.withUnsafeMutableBytes { session.socket.look(into: $0) }
    switch arrival {
    case .message(let bytes, let truncated, let came):
      // Descriptors that nobody asked for are not received: they go with the connection, since
      // what is wrong with such a packet ends it.
      if came == 0 { session.socket.takePacket() }
      let length = truncated ? buffer.count : bytes
      decode(session, length, descriptorCount: came)
    case .wouldBlock:
      return
    case .closed, .failed:
      disconnect(session, nil)
    }
  }

  private func decode(_ session: ClientSession, _ length: Int, descriptorCount: Int) {
    do throws(MalformedPacket) {
      let (number, request, isRepeat) = try Request.decode(
        buffer.span.extracting(first: length), descriptorCount: descriptorCount)
      switch request {
      case .hello: throw outOfOrder(request, number)
      case .attach(let baseAddress, let lengthBytes):
        guard session.phase == .awaitsAttach else { throw outOfOrder(request, number) }
        try attach(session, number, baseAddress, lengthBytes)
      default:
        guard session.phase == .attached || session.phase == .attaching else {
          throw outOfOrder(request, number)
        }
        let id = session.id
        performer.engine.step(&effects) { core, now, effects in
          core.request(request, number: number, from: id, isRepeat: isRepeat, now, &effects)
        }
        performer.perform(&effects, current: session)
      }
    } catch {
      session.send(error.request ?? RequestID(rawValue: 0), .refused(error.refusal))
      if error.refusal.reason == .protocolViolation {
        disconnect(session, error.refusal.description, .protocolViolation)
      } else if session.phase == .attaching {
        performer.report(error.refusal, of: session.peer) { session.client }
        disconnect(session, nil)
      }
    }
  }

  private func outOfOrder(_ request: Request, _ number: RequestID) -> MalformedPacket {
    MalformedPacket(
      Refusal(.protocolViolation, .outOfOrder, asked: UInt64(request.kind.rawValue)),
      request: number)
  }

  /// Takes the client's userfaultfd and gives the session its pager, which does the rest.
  private func attach(
    _ session: ClientSession, _ number: RequestID, _ baseAddress: UInt64, _ lengthBytes: UInt64
  ) throws(MalformedPacket) {
    let page = UInt64(PageSize.bytes)
    guard lengthBytes == session.layout.arenaBytes, baseAddress % page == 0, baseAddress > 0,
      !baseAddress.addingReportingOverflow(lengthBytes).overflow
    else {
      throw MalformedPacket(
        Refusal(
          .protocolViolation, .badMapping, asked: lengthBytes, limit: session.layout.arenaBytes),
        request: number)
    }
    session.phase = .attaching
    let descriptor: Descriptor
    do throws(SystemError) {
      // It is the only one that lies in the queue.
      descriptor = try session.socket.takePacketWithDescriptor(
        ClosingCharge(.sent, user: session.peer.user))
    } catch {
      throw MalformedPacket(
        Refusal(daemon: error) ?? .noDaemonDescriptors(), request: number)
    }
    do throws(SystemError) {
      let fault = try Userfault(adopting: descriptor)
      guard becomeSession(session, number) else { return }
      let pager = try Pager(
        session: session, fault: fault, baseAddress: baseAddress, attach: number)
      session.pager = pager
      performer.engine.armPulse()  // the pager's first call has a bound
      try pager.start()
      session.phase = .attached
    } catch {
      session.pager = nil
      throw MalformedPacket(
        Refusal(daemon: error)
          ?? Refusal(.protocolViolation, .notUserfault, asked: UInt64(error.code)),
        request: number)
    }
  }

  // MARK: room

  /// Replies wait for room: until they have it, no more requests are read from this client.
  func awaitRoom(_ session: ClientSession) {
    guard session.phase != .ending, !session.isWatchedForRoom else { return }
    if session.flush() { return }
    session.isWatchedForRoom = true
    try? epoll.modify(
      session.socket.raw, readable: false, writable: true,
      token: Token.sessions | UInt64(session.id.rawValue))
  }

  func makeRoom(_ session: ClientSession) {
    guard session.flush() else { return }
    session.isWatchedForRoom = false
    try? epoll.modify(
      session.socket.raw, readable: true, token: Token.sessions | UInt64(session.id.rawValue))
  }
}
