// Who wanted something, and why: carried by the work from its decision to its end, since whoever
// wanted it may be gone by then.

import CoherentWire

package struct Origin: Hashable, Sendable {
  package var cause: Cause
  /// Nobody's: 0.
  private var sessionNumber: UInt32
  private var processNumber: UInt32

  package init(_ cause: Cause = .unknown) {
    self.cause = cause
    sessionNumber = 0
    processNumber = 0
  }

  package init(_ cause: Cause, session: SessionID, process: UInt32) {
    self.cause = cause
    sessionNumber = session.rawValue
    processNumber = process
  }

  /// Whose wish it was, if it was a client's.
  package var session: SessionID? {
    sessionNumber == 0 ? nil : SessionID(rawValue: sessionNumber)
  }
  package var process: UInt32? { sessionNumber == 0 ? nil : processNumber }
}
