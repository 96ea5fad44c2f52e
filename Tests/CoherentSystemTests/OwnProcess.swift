// A process of its own for what would disturb the tests beside it: forks, signals, another
// identity. A fork of the process that runs all the tests would copy locks that its other threads
// hold.

import Glibc
import Testing

@testable import CoherentSystem

enum OwnProcess {
  /// To be called first in the body of an exit test: whatever hangs is ended by SIGALRM, alarm(2).
  static func bound() {
    alarm(60)
  }

  /// Forks, runs `body` there, and waits for its end.
  static func fork(_ body: () -> CInt) throws -> ChildProcess.Exit {
    try Process.fork(body).wait()
  }

  static let nobody = Launch.Identity(user: 65534, group: 65534)

  /// This process is nobody from here on.
  static func becomeNobody(supplementaryGroups: [UInt32] = []) {
    do {
      try Process.assume(
        user: nobody.user, group: nobody.group, supplementaryGroups: supplementaryGroups)
    } catch {
      fatalError("\(error)")
    }
  }
}
