// What a client without privileges can and cannot do with its faults, as user nobody. Each runs in
// a process of its own, so that the others stay who they are.

import Glibc
import TestSupport
import Testing

@testable import CoherentSystem

struct IdentityTests {
  private static var fullModeNeedsPrivilege: Bool {
    let text = try? SmallFile.read(
      path: "/proc/sys/vm/unprivileged_userfaultfd", maximumBytes: 16)
    return text?.first == UInt8(ascii: "0")
  }

  @Test(
    .enabled(if: KernelRight.otherUser.isThere, "\(KernelRight.otherUser)"),
    .enabled(if: KernelRight.userfaultfd.isThere, "\(KernelRight.userfaultfd)"),
    .enabled(
      if: fullModeNeedsPrivilege, "needs privileged-faults: vm.unprivileged_userfaultfd is not 0"))
  func fullModeIsRefusedToNobody() async {
    await #expect(processExitsWith: .success) {
      OwnProcess.becomeNobody()
      let error = #expect(throws: SystemError.self) {
        _ = try Userfault.create(userModeOnly: false)
      }
      #expect(error?.code == EPERM)
    }
  }

  @Test(
    .enabled(if: KernelRight.otherUser.isThere, "\(KernelRight.otherUser)"),
    .enabled(if: KernelRight.userfaultfd.isThere, "\(KernelRight.userfaultfd)"))
  func userModeOnlyWorksForNobodyAndSystemCallsFailOnMissingPages() async {
    await #expect(processExitsWith: .success) {
      OwnProcess.bound()
      OwnProcess.becomeNobody()
      let range = try RegisteredRange(pages: 2)
      let counter = try EventCounter()
      // The kernel may not fault on behalf of a system call.
      let address = range.mapping.bytes.baseAddress!
      #expect(write(counter.raw, address, 8) == -1 && errno == EFAULT)
      // An access by a program is answered.
      let toucher = try Toucher(address + PageSize.bytes)
      #expect(try range.nextFaults().map(\.address) == [range.address(1)])
      try range.store(0x66, page: 1)
      let outcome = range.userfault.continueRange(
        address: range.address(1), lengthBytes: RegisteredRange.page)
      #expect(outcome == .done)
      #expect(toucher.byte() == 0x66)
      // Present, it is good for system calls too.
      #expect(write(counter.raw, address + PageSize.bytes, 8) == 8)
    }
  }

  @Test(
    .enabled(if: KernelRight.otherUser.isThere, "\(KernelRight.otherUser)"),
    .enabled(if: KernelRight.userfaultfdDevice.isThere, "\(KernelRight.userfaultfdDevice)"))
  func nobodyGetsFullModeFromADeviceThatIsPassedAndThePrivilegedSideServesIt() async {
    await #expect(processExitsWith: .success) {
      OwnProcess.bound()
      let pair = try LocalSocket.pair(kind: .sequentialPacket)
      let device = try Userfault.openDevice()
      let child = try Process.fork {
        OwnProcess.becomeNobody()
        return useArenaWithoutPrivilege(device: device, daemon: pair.second)
      }
      try serveOnePage(of: pair.first)
      #expect(try child.wait() == .status(0))
    }
  }

  @Test(.enabled(if: KernelRight.otherUser.isThere, "\(KernelRight.otherUser)"))
  func aPeerIsWhoTheKernelSays() async {
    await #expect(processExitsWith: .success) {
      OwnProcess.bound()
      try acceptNobody()
    }
  }
}

/// The client's side: an arena, a userfaultfd from the device, and then a system call on a page
/// that is missing. A status of 0 if all went well.
private func useArenaWithoutPrivilege(
  device: borrowing Descriptor, daemon: borrowing LocalSocket
) -> CInt {
  guard let file = try? MemoryFile(name: "arena", sizeBytes: RegisteredRange.page),
    let mapping = try? Mapping(file: file, lengthBytes: PageSize.bytes, writable: true),
    let userfault = try? Userfault.create(fromDevice: device),
    let counter = try? EventCounter()
  else { return 1 }
  var address = mapping.address
  let sent = withUnsafeBytes(of: address) {
    daemon.send($0, descriptors: [userfault.raw, file.raw], wait: true)
  }
  if sent != .sent(8) { return 2 }
  // The range is registered once the answer has come.
  var descriptors: [CInt] = []
  let answer = withUnsafeMutableBytes(of: &address) {
    daemon.receive(into: $0, descriptors: &descriptors, wait: true)
  }
  guard case .received = answer else { return 3 }
  // Full mode: the kernel faults for a system call, and the other side answers it.
  if write(counter.raw, mapping.bytes.baseAddress!, 8) != 8 { return 4 }
  return counter.drain() == 0x0101_0101_0101_0101 ? 0 : 5
}

/// The daemon's side: agree, register, answer one fault through the file.
private func serveOnePage(of client: borrowing LocalSocket) throws {
  var bytes = [UInt8](repeating: 0, count: 8)
  var descriptors: [CInt] = []
  _ = bytes.withUnsafeMutableBytes {
    client.receive(into: $0, descriptors: &descriptors, wait: true)
  }
  try #require(descriptors.count == 2)
  let address = bytes.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }
  let userfault = try Userfault(adopting: Descriptor(owning: descriptors[0]))
  let file = try MemoryFile(descriptor: Descriptor(owning: descriptors[1]))
  try userfault.handshake()
  try userfault.register(baseAddress: address, lengthBytes: RegisteredRange.page)
  let answered = bytes.withUnsafeBytes { client.send($0) }
  #expect(answered == .sent(8))
  try #require(Readiness.waitReadable(userfault.raw, timeoutMilliseconds: 10_000))
  let ones = [UInt8](repeating: 1, count: PageSize.bytes)
  try ones.withUnsafeBytes { try file.write(from: $0, offsetBytes: 0) }
  let outcome = userfault.continueRange(address: address, lengthBytes: RegisteredRange.page)
  #expect(outcome == .done)
}

/// A child becomes nobody in two more groups and connects; the credentials must say so, and its
/// process descriptor must see it end.
private func acceptNobody() throws {
  let directory = try TestDirectory()
  let path = directory.file("socket")
  try #require(chmod(directory.path, 0o755) == 0)
  let listener = try LocalSocket.listen(path: path, kind: .sequentialPacket, mode: 0o666)
  let child = try Process.fork {
    OwnProcess.becomeNobody(supplementaryGroups: [7, 1000])
    guard let socket = try? LocalSocket.connect(path: path, kind: .sequentialPacket) else {
      return 1
    }
    // Stays until the other side has seen who it is.
    return socket.waitReadable(timeoutMilliseconds: 30_000) ? 0 : 2
  }
  try #require(Readiness.waitReadable(listener.raw, timeoutMilliseconds: 30_000))
  guard case .accepted(let peer) = listener.accept() else {
    Issue.record("nobody was accepted")
    return
  }
  let credentials = try peer.peerCredentials()
  #expect(credentials.user == 65534 && credentials.group == 65534)
  #expect(credentials.process == child.process)
  #expect(credentials.supplementaryGroups == [7, 1000])
  #expect(credentials.belongs(to: 1000) && credentials.belongs(to: 65534))
  #expect(!credentials.belongs(to: 0))
  let process = ProcessDescriptor(adopting: try peer.peerProcessDescriptor())
  let goneBefore = process.isGone
  peer.shutdown()
  let goneAfter = process.waitGone(timeoutMilliseconds: 30_000)
  #expect(!goneBefore && goneAfter)
  #expect(try child.wait() == .status(0))
}
