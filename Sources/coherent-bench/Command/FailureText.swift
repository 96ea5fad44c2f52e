// What went wrong, as one line for people.

import Coherent
import CoherentControl
import CoherentSystem

/// The benchmark cannot go on, or found a byte that is wrong.
struct BenchFailure: Error, Equatable {
  let message: String

  init(_ message: String) { self.message = message }
}

enum FailureText {
  /// Whether the error is ours; the rest is the argument parser's.
  static func describes(_ error: any Error) -> Bool {
    error is BenchFailure || error is SystemError || error is CoherentError
      || error is ControlFailure
  }

  static func of(_ error: any Error) -> String {
    switch error {
    case let failure as BenchFailure: failure.message
    case let failure as ControlFailure: text(failure)
    default: "\(error)"
    }
  }

  private static func text(_ failure: ControlFailure) -> String {
    switch failure {
    case .notRunning(let path, _): "no daemon listens for administration at \(path)"
    case .notAdmitted(let path, _): "permission denied to open \(path)"
    case .noAnswer(let milliseconds): "the daemon gave no answer within \(milliseconds) ms"
    case .connectionLost: "the daemon ended the connection for administration"
    case .notUnderstood: "what listens for administration is another program or version"
    case .call(let failure): "the daemon refused an order: \(failure)"
    case .system(let error): "\(error)"
    }
  }
}
