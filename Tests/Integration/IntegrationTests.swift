// The real daemon with real clients. One test after the other, since each of them keeps the machine
// busy enough; every test has daemons of its own.

import CoherentSystem
import TestSupport
import Testing

@Suite(.serialized, .enabled(if: KernelRight.userfaultfd.isThere, "\(KernelRight.userfaultfd)"))
enum IntegrationTests {
  static let nobody = Launch.Identity(user: 65534, group: 65534)
}
