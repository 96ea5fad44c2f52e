// How a process without privileges gets its userfaultfd: in user mode by itself, in full mode
// through the device that the daemon passes. Each test is a process of its own, which becomes
// nobody.

import Coherent
import CoherentSystem
import CoherentWire
import TestSupport
import Testing

private let nobody: UInt32 = 65534

@Suite(
  .enabled(if: KernelRight.otherUser.isThere, "\(KernelRight.otherUser)"),
  .enabled(if: KernelRight.userfaultfd.isThere, "\(KernelRight.userfaultfd)"))
struct UserModeTests {
  @Test func nobodyGetsWhatTheSystemAllowsAndKnowsIt() async {
    await #expect(processExitsWith: .success) {
      let setting = try SmallFile.read(
        path: "/proc/sys/vm/unprivileged_userfaultfd", maximumBytes: 16)
      let isFullMode = try isFullModeAsNobody(faultDevice: -1)
      precondition(isFullMode == (setting.first == UInt8(ascii: "1")))
    }
  }

  @Test(
    .enabled(
      if: KernelRight.userfaultfdDevice.isThere, "\(KernelRight.userfaultfdDevice)"))
  func nobodyGetsFullModeThroughTheDaemonsDevice() async {
    await #expect(processExitsWith: .success) {
      let device = try Userfault.openDevice()
      let isFullMode = try isFullModeAsNobody(faultDevice: device.raw)
      precondition(isFullMode)
    }
  }
}

private func isFullModeAsNobody(faultDevice: CInt) throws -> Bool {
  let daemon = try FakeDaemon()
  let file = try FakeDaemon.sealedFile()
  try Process.assume(user: nobody, group: nobody)
  let thread = try Thread.start(name: "fake daemon") {
    daemon.shakeHands(file, faultDevice: faultDevice)
  }
  defer { thread.join() }
  let client = try Client(socket: daemon.takeClientEnd())
  defer { client.close() }
  return client.isFullMode
}
