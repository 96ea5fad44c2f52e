// A connection to the daemon that is made anew by the next call after it was lost: for programs
// that go on while a daemon is stopped and another one starts.
import CoherentControl

struct ControlLink: ~Copyable {
  let path: String
  /// How long the daemon may take for an answer; of the next connection.
  var answerMilliseconds: Int
  private var client: ControlClient?

  /// Connects to nobody yet.
  init(path: String, answerMilliseconds: Int = ControlClient.answerMilliseconds) {
    self.path = path
    self.answerMilliseconds = answerMilliseconds
    client = nil
  }

  /// Throws what went wrong, after which the next call may succeed.
  mutating func call<Answer>(
    _ body: (inout ControlClient) throws(ControlFailure) -> Answer
  ) throws(ControlFailure) -> Answer {
    if client == nil {
      client = try ControlClient(path: path, answerMilliseconds: answerMilliseconds)
    }
    do throws(ControlFailure) {
      return try body(&client!)
    } catch {
      // An error that the daemon answered leaves the connection as it is.
      if case .call = error { throw error }
      client = nil
      throw error
    }
  }
}

extension ControlFailure {
  /// Whether it is the daemon that is away, perhaps for a while only.
  var isAbsence: Bool {
    switch self {
    case .notRunning, .noAnswer, .connectionLost: true
    case .notAdmitted, .notUnderstood, .call, .system: false
    }
  }
}
