// Why a client got no answer that it can use: nobody there, not allowed, too late, or an error of
// the call. People get it as one line, with a second one that says what to do.
import CoherentSystem

package enum ControlFailure: Error, Equatable, Sendable {
  /// Nobody listens at the path; `exists` if the socket's file is there all the same.
  case notRunning(path: String, exists: Bool)
  /// The socket's file may not be opened; the group whose members may, if that is known.
  case notAdmitted(path: String, group: String?)
  /// No answer came in this time.
  case noAnswer(milliseconds: Int)
  /// The daemon ended the connection before it had answered.
  case connectionLost
  /// What came is not what this method answers: another program, or a newer daemon.
  case notUnderstood
  /// The daemon answered with an error.
  case call(CallFailure)
  /// The environment.
  case system(SystemError)
}

extension ControlFailure {
  /// What a failure to connect to the socket at `path` means.
  init(connecting path: String, _ error: SystemError, milliseconds: Int) {
    switch error.unreachable {
    case .absent: self = .notRunning(path: path, exists: false)
    case .refused: self = .notRunning(path: path, exists: true)
    case .denied: self = .notAdmitted(path: path, group: UserGroup(owning: path)?.name)
    case .full: self = .noAnswer(milliseconds: milliseconds)
    case .otherwise: self = .system(error)
    }
  }
}
