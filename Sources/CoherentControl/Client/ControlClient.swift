// The other end for programs: one blocking connection to the administration server, one call at a
// time. Owns its socket. Every wait has a bound; after a failure the connection is of no more use.
import CoherentSystem
import CoherentWire

package struct ControlClient: ~Copyable {
  package static let defaultPath = "/run/coherentd/io.coherentd.Control"
  /// How long the daemon may take for an answer, beyond the time that an order itself allows.
  package static let answerMilliseconds = 10_000

  private let socket: LocalSocket
  private let answerMilliseconds: Int
  private var framer = MessageFramer(maximumBytes: ControlLimits.replyBytes)
  private var buffer = [UInt8](repeating: 0, count: 64 * 1024)

  /// Connects to the socket at `path`.
  package init(
    path: String = defaultPath, answerMilliseconds: Int = Self.answerMilliseconds
  ) throws(ControlFailure) {
    do throws(SystemError) {
      socket = try LocalSocket.connect(
        path: path, kind: .stream, timeoutMilliseconds: answerMilliseconds)
    } catch {
      throw ControlFailure(connecting: path, error, milliseconds: answerMilliseconds)
    }
    self.answerMilliseconds = answerMilliseconds
  }

  /// Speaks over a socket that is connected already.
  package init(
    adopting socket: consuming LocalSocket, answerMilliseconds: Int = Self.answerMilliseconds
  ) {
    self.socket = socket
    self.answerMilliseconds = answerMilliseconds
  }

  package mutating func status() throws(ControlFailure) -> StatusReport {
    try call("GetStatus", NoParameters(), StatusAnswer.self).status
  }

  /// Every session, some at a time. O(sessions) replies, none of them kept here.
  package mutating func sessions(
    _ each: ([SessionReport]) -> Void
  ) throws(ControlFailure) {
    try stream("ListSessions", NoParameters(), SessionsAnswer.self) { each($0.sessions) }
  }

  /// Every allocation of one session or of all, some at a time.
  package mutating func allocations(
    of session: SessionID?, _ each: ([AllocationReport]) -> Void
  ) throws(ControlFailure) {
    try stream("ListAllocations", AllocationsQuery(session: session), AllocationsAnswer.self) {
      each($0.allocations)
    }
  }

  /// Every pin of one session, of one process or of all, some at a time.
  package mutating func pins(
    _ query: PinsQuery, _ each: ([PinReport]) -> Void
  ) throws(ControlFailure) {
    try stream("ListPins", query, PinsAnswer.self) { each($0.pins) }
  }

  package mutating func evict(_ order: EvictionOrder) throws(ControlFailure) -> EvictionReport {
    try call("Evict", order, EvictionReport.self, extraMilliseconds: order.timeoutMilliseconds)
  }

  package mutating func migrate(
    _ order: MigrationOrder
  ) throws(ControlFailure) -> MigrationReport {
    try call("Migrate", order, MigrationReport.self, extraMilliseconds: order.timeoutMilliseconds)
  }

  package mutating func reload() throws(ControlFailure) -> ReloadReport {
    try call("Reload", NoParameters(), ReloadReport.self)
  }

  package mutating func info() throws(ControlFailure) -> ServiceInfo {
    try call("GetInfo", NoParameters(), ServiceInfo.self, interface: ServiceInterface.name)
  }

  // MARK: Calls

  /// Calls a method of one reply. Before that, `wait` is called with the socket's descriptor, and
  /// may wait until it is readable; false ends the call as if the connection was lost.
  mutating func call<Answer: Decodable>(
    _ method: String, _ parameters: some Encodable, _: Answer.Type,
    interface: String = ControlInterface.name, extraMilliseconds: UInt32 = 0,
    waiting wait: (CInt) -> Bool = { _ in true }
  ) throws(ControlFailure) -> Answer {
    let bound = answerMilliseconds + Int(extraMilliseconds)
    try send(
      CallMessage.text(method: "\(interface).\(method)", parameters: parameters, takesMore: false))
    guard wait(socket.raw) else { throw .connectionLost }
    return try answer(receive(bound), Answer.self)
  }

  /// Calls a method of several replies. Before each reply but the first, `wait` is called with the
  /// socket's descriptor, and may wait until it is readable; what it returns false for is the end.
  mutating func stream<Answer: Decodable>(
    _ method: String, _ parameters: some Encodable, _: Answer.Type,
    waiting wait: (CInt) -> Bool = { _ in true }, _ each: (Answer) -> Void
  ) throws(ControlFailure) {
    let name = "\(ControlInterface.name).\(method)"
    try send(CallMessage.text(method: name, parameters: parameters, takesMore: true))
    while true {
      let reply = try receive(answerMilliseconds)
      each(try answer(reply, Answer.self))
      guard reply.continues, framer.heldBytes > 0 || wait(socket.raw) else { return }
    }
  }

  private func answer<Answer: Decodable>(
    _ reply: ReplyMessage, _: Answer.Type
  ) throws(ControlFailure) -> Answer {
    do throws(CallFailure) {
      if let answer = try reply.parameters(Answer.self) { return answer }
    } catch {
      throw .call(error)
    }
    throw .notUnderstood
  }

  // MARK: Bytes

  private func send(_ text: [UInt8]) throws(ControlFailure) {
    let message = text + [0]
    var sent = 0
    while sent < message.count {
      let outcome = message.withUnsafeBytes {
        socket.send(UnsafeRawBufferPointer(rebasing: $0[sent...]))
      }
      switch outcome {
      case .sent(let count): sent += count
      case .wouldBlock:
        guard socket.waitWritable(timeoutMilliseconds: Int32(clamping: answerMilliseconds)) else {
          throw .noAnswer(milliseconds: answerMilliseconds)
        }
      case .closed: throw .connectionLost
      case .failed(let code): throw .system(SystemError(operation: "sendmsg", code: code))
      }
    }
  }

  private mutating func receive(_ milliseconds: Int) throws(ControlFailure) -> ReplyMessage {
    let deadline = Clock.monotonicNanoseconds() + UInt64(milliseconds) * 1_000_000
    while true {
      switch framer.next() {
      case .message(let text):
        guard let reply = ReplyMessage(text) else { throw .notUnderstood }
        return reply
      case .tooLong: throw .notUnderstood
      case .incomplete: try receivePiece(deadline, milliseconds)
      }
    }
  }

  private mutating func receivePiece(
    _ deadline: UInt64, _ milliseconds: Int
  ) throws(ControlFailure) {
    let now = Clock.monotonicNanoseconds()
    let rest = now < deadline ? (deadline - now + 999_999) / 1_000_000 : 0
    guard socket.waitReadable(timeoutMilliseconds: Int32(clamping: rest)) else {
      throw .noAnswer(milliseconds: milliseconds)
    }
    var descriptors: [CInt] = []
    let outcome = buffer.withUnsafeMutableBytes {
      socket.receive(into: $0, descriptors: &descriptors)
    }
    // No answer carries descriptors: what came is closed.
    for number in descriptors { _ = Descriptor(owning: number) }
    switch outcome {
    case .received(let count, _, _): framer.receive(buffer[..<count])
    case .wouldBlock: break
    case .closed: throw .connectionLost
    case .failed(let code): throw .system(SystemError(operation: "recvmsg", code: code))
    }
  }
}
