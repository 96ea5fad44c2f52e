// Plays the server's part around one connection, without a socket: gives it bytes, performs its
// steps, and collects what it answers.
import CoherentWire
import Synchronization

@testable import CoherentControl

struct Conversation {
  let source: SampleSource
  let context: ControlContext
  var connection: ControlConnection
  /// Whole replies, without their NUL.
  var replies: [[UInt8]] = []
  var ending: ControlConnection.Violation?
  var isClosed = false
  var deferred: [DeferredCall] = []
  private var partial: [UInt8] = []

  init(_ source: SampleSource = SampleSource(), permission: Permission = .administrator) {
    self.source = source
    context = ControlContext(
      source: source,
      info: ServiceInfo(
        vendor: "v", product: "coherentd", version: "1.2.3", url: "https://example.org"),
      followers: Followers())
    connection = ControlConnection(permission: permission)
  }

  /// Sends text with a NUL behind it and takes all replies.
  mutating func call(_ text: String) {
    send(Array(text.utf8) + [0])
  }

  mutating func send(_ bytes: [UInt8]) {
    connection.receive(bytes)
    run()
  }

  /// Steps until the connection rests, reading all it says.
  mutating func run() {
    while !isClosed {
      switch connection.advance(context) {
      case .again: break
      case .start(let call): deferred.append(call)
      case .close(let violation):
        isClosed = true
        ending = violation
      case .rest:
        guard connection.unsentBytes > 0 else { return }
      }
      take(.max)
    }
  }

  /// Reads at most so many bytes of its output.
  mutating func take(_ limit: Int) {
    var taken: [UInt8] = []
    connection.drain { bytes in
      taken = Array(bytes.prefix(limit))
      return taken.count
    }
    partial += taken
    while let end = partial.firstIndex(of: 0) {
      replies.append(Array(partial[..<end]))
      partial.removeSubrange(...end)
    }
  }

  /// What a deferred call answers that the source completes at once.
  static func result(of call: DeferredCall) -> [UInt8] {
    let answer = Mutex<[UInt8]>([])
    call.start { text in answer.withLock { $0 = text } }
    return answer.withLock { $0 }
  }

  /// The replies as text, and none of them any more.
  mutating func takeReplies() -> [String] {
    defer { replies = [] }
    return replies.map { String(decoding: $0, as: UTF8.self) }
  }
}

/// The text of a call of our interface.
func callText(_ method: String, _ parameters: String = "{}", flags: String = "") -> String {
  #"{"method":"io.coherentd.Control.\#(method)","parameters":\#(parameters)\#(flags)}"#
}
