// One connection without its socket: bytes in, calls performed, bytes out. Owned by the server's
// thread. Calls are performed one after the other, in order. Nothing is read ahead of what can be
// answered: a caller that does not read its replies is not read from, and costs at most
// `callBytes + readBytes` of input and `outputBytes` plus one reply of output.

package struct ControlConnection {
  /// What the server has to do next for this connection.
  package enum Step {
    /// Nothing; the socket has to bring bytes or take some.
    case rest
    /// Come back in the next round; the turn is over.
    case again
    /// Start this, and `finish` the connection with the reply.
    case start(DeferredCall)
    /// It is over; `reason` is nil where the caller left in good order.
    case close(Violation?)
  }

  /// What a caller did that no Varlink client does. The connection ends without a reply.
  package enum Violation: String, Sendable {
    case callTooLong = "sent a call of more than 64 KiB"
    case notACall = "sent something that is no call"
    case sentDescriptors = "sent descriptors, which no call takes"
  }

  private enum Activity {
    case idle
    case streaming(ReplyStream, ReportCursor)
    /// As `streaming`, with nothing to say until the bell rings.
    case following(ReplyStream, ReportCursor)
    case waiting
  }

  private let permission: Permission
  private var framer = MessageFramer(maximumBytes: ControlLimits.callBytes)
  private var activity = Activity.idle
  private var answersNothing = false
  private var needsInput = true
  private var inputIsOver = false
  private var output: [UInt8] = []
  private var outputStart = 0

  package init(permission: Permission) {
    self.permission = permission
  }

  /// Whether the socket should be read.
  package var wantsInput: Bool { needsInput && !inputIsOver && hasRoom }

  /// Whether `advance` would do something, without another byte from the socket.
  package var wantsTurn: Bool {
    guard hasRoom else { return false }
    switch activity {
    case .waiting, .following: return false
    case .streaming: return true
    case .idle: return !needsInput || (inputIsOver && unsentBytes == 0)
    }
  }

  /// Whether nothing is under way: no call, no part of one, no reply.
  package var isIdle: Bool {
    if case .idle = activity { return unsentBytes == 0 && framer.heldBytes == 0 }
    return false
  }

  /// Whether a deferred call is under way.
  package var isWaiting: Bool {
    if case .waiting = activity { return true }
    return false
  }

  /// Whether a call is under way that may have nothing to say for as long as it likes.
  package var isFollowing: Bool {
    switch activity {
    case .following: true
    case .streaming(let stream, _): stream.place != nil
    case .idle, .waiting: false
    }
  }

  package var unsentBytes: Int { output.count - outputStart }

  package mutating func receive(_ bytes: some Collection<UInt8>) {
    framer.receive(bytes)
    needsInput = false
  }

  /// The caller will send nothing more; it may still read.
  package mutating func endInput() {
    inputIsOver = true
  }

  /// Performs calls and makes replies while there is room, within one turn.
  package mutating func advance(_ context: ControlContext) -> Step {
    for _ in 0..<ControlLimits.stepsPerTurn {
      guard hasRoom else { return .rest }
      switch activity {
      case .waiting, .following: return .rest
      case .streaming(let stream, let cursor):
        if stream.place != nil { context.followers.arm() }
        pull(stream, cursor)
      case .idle:
        switch framer.next() {
        case .tooLong: return .close(.callTooLong)
        case .incomplete:
          needsInput = true
          return inputIsOver && unsentBytes == 0 ? .close(nil) : .rest
        case .message(let text):
          guard let call = CallMessage(text) else { return .close(.notACall) }
          if let deferred = begin(call, context) { return .start(deferred) }
        }
      }
    }
    return .again
  }

  /// The reply to the deferred call that `advance` gave out.
  package mutating func finish(_ reply: [UInt8]) {
    guard case .waiting = activity else { return }
    activity = .idle
    put(reply)
  }

  /// The bell has rung: what waits for it looks again.
  package mutating func wake() {
    if case .following(let stream, let cursor) = activity { activity = .streaming(stream, cursor) }
  }

  /// Gives the unsent bytes to `send`, which returns how many of them were taken.
  package mutating func drain(_ send: (UnsafeRawBufferPointer) -> Int) {
    guard unsentBytes > 0 else { return }
    outputStart += output.withUnsafeBytes { bytes in
      send(UnsafeRawBufferPointer(rebasing: bytes[outputStart...]))
    }
    if outputStart == output.count {
      output.removeAll(keepingCapacity: output.capacity <= 4 * ControlLimits.outputBytes)
      outputStart = 0
    }
  }

  private var hasRoom: Bool { unsentBytes < ControlLimits.outputBytes }

  /// Performs one call; returns it if the daemon has to answer it later.
  private mutating func begin(_ call: CallMessage, _ context: ControlContext) -> DeferredCall? {
    answersNothing = call.isOneWay
    do throws(CallFailure) {
      let method = try ControlMethod.find(call.method)
      if !method.isForEverybody, let denial = permission.denial {
        throw CallFailure.control(denial)
      }
      guard !call.upgrades else {
        throw CallFailure.service(.methodNotImplemented(call.method))
      }
      switch try method.begin(call, context) {
      case .reply(let text): put(text)
      case .stream(let stream): activity = .streaming(stream, stream.first)
      case .deferred(let deferred):
        activity = .waiting
        return deferred
      }
    } catch {
      put(error.replyText)
    }
    return nil
  }

  private mutating func pull(_ stream: ReplyStream, _ cursor: ReportCursor) {
    do throws(CallFailure) {
      let piece = try stream.pull(cursor)
      if let text = piece.text { put(text) }
      activity =
        piece.next.map { piece.waits ? .following(stream, $0) : .streaming(stream, $0) } ?? .idle
    } catch {
      put(error.replyText)
      activity = .idle
    }
  }

  private mutating func put(_ reply: [UInt8]) {
    guard !answersNothing else { return }
    output.append(contentsOf: reply)
    output.append(0)
  }
}
