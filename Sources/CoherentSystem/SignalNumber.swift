// The numbers of signals by their names, for modules that know nothing of C: signal(7).

import Glibc

/// Signals that a program may want to read.
package enum SignalNumber {
  /// Ctrl-C.
  package static let interrupt = SIGINT
  package static let terminate = SIGTERM
  /// The terminal has gone.
  package static let hangUp = SIGHUP
  package static let quit = SIGQUIT
  /// Ctrl-Z.
  package static let terminalStop = SIGTSTP
  /// It runs again after it was stopped.
  package static let goOn = SIGCONT
  /// The terminal's size has changed.
  package static let windowChange = SIGWINCH
}

extension Process {
  /// Stops this process until somebody has it go on: kill(2) of itself with SIGSTOP.
  package static func stopItself() {
    kill(getpid(), SIGSTOP)
  }
}
