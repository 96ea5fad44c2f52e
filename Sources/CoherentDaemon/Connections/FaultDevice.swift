// An open /dev/userfaultfd, which the administrator may choose to pass to clients: with it, an
// unprivileged client's userfaultfd also answers the kernel's own accesses to its arena.

import CoherentSystem

final class FaultDevice: Sendable {
  let descriptor: Descriptor

  init() throws(SystemError) { descriptor = try Userfault.openDevice() }
}
