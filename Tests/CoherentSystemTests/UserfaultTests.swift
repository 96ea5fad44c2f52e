// The userfaultfd as an object: making, adopting, agreeing, registering, reading.

import Glibc
import TestSupport
import Testing

@testable import CoherentSystem

@Suite(.enabled(if: KernelRight.userfaultfd.isThere, "\(KernelRight.userfaultfd)"))
struct UserfaultTests {
  @Test func theKernelHasEveryFeatureThatThePagerNeeds() throws {
    #expect(try Userfault.supportedFeatures().isSuperset(of: .needed))
  }

  @Test func aSecondHandshakeFails() throws {
    let userfault = try Userfault.create(userModeOnly: true)
    try userfault.handshake()
    #expect(throws: SystemError.self) { try userfault.handshake() }
  }

  @Test func anUnknownFeatureIsRefused() throws {
    let userfault = try Userfault.create(userModeOnly: true)
    let error = #expect(throws: SystemError.self) {
      try userfault.handshake(features: UserfaultFeatures(rawValue: 1 << 63))
    }
    #expect(error?.code == EINVAL)
  }

  @Test func nothingIsRegisteredBeforeTheHandshake() throws {
    let userfault = try Userfault.create(userModeOnly: true)
    let mapping = try Mapping(anonymousBytes: PageSize.bytes)
    #expect(throws: SystemError.self) {
      try userfault.register(
        baseAddress: mapping.address, lengthBytes: UInt64(PageSize.bytes))
    }
  }

  @Test(arguments: [0x1000, 0x1001, UInt64.max - 4095, 0])
  func aRangeThatAPeerInventedIsAnErrorAndNoTrap(address: UInt64) throws {
    let userfault = try Userfault.create(userModeOnly: true)
    try userfault.handshake()
    #expect(throws: SystemError.self) {
      try userfault.register(baseAddress: address, lengthBytes: 4096)
    }
    #expect(throws: SystemError.self) {
      try userfault.unregister(baseAddress: address, lengthBytes: 4096)
    }
    let outcome = userfault.continueRange(address: address, lengthBytes: 4096)
    #expect(outcome != .done)
    #expect(userfault.writeProtect(address: address, lengthBytes: 4096, on: true) != .done)
  }

  @Test func adoptsAUserfaultThatWasReceived() throws {
    let made = try Userfault.create(userModeOnly: true)
    let adopted = try Userfault(adopting: try made.descriptor.duplicate())
    try adopted.handshake()
  }

  @Test func refusesWhatIsNoUserfaultWithoutTouchingIt() throws {
    let file = try MemoryFile(name: "test", sizeBytes: 4096)
    let error = #expect(throws: SystemError.self) {
      _ = try Userfault(adopting: try file.descriptor.duplicate())
    }
    #expect(error?.code == EINVAL)
    #expect(error?.context.contains("memfd:test") == true)
  }

  @Test func readingNeverWaitsAlsoWhenThePeerMadeItBlocking() throws {
    let userfault = try Userfault.create(userModeOnly: true)
    try userfault.handshake()
    // The peer's copy shares the flag.
    let copy = try userfault.duplicate()
    let flags = fcntl(copy.raw, F_GETFL)
    try #require(flags & O_NONBLOCK != 0)
    try #require(fcntl(copy.raw, F_SETFL, flags & ~O_NONBLOCK) == 0)
    let buffer = UnsafeMutableBufferPointer<Fault>.allocate(capacity: 1)
    defer { buffer.deallocate() }
    #expect(userfault.readFaults(into: buffer) == .none)
  }

  @Test func aBlockingOneIsReportedAsFailedByEpoll() throws {
    let userfault = try Userfault.create(userModeOnly: true)
    try userfault.handshake()
    let epoll = try Epoll()
    try epoll.add(userfault.raw, readable: true, token: 7)
    let ready = UnsafeMutableBufferPointer<Epoll.Ready>.allocate(capacity: 1)
    defer { ready.deallocate() }
    #expect(epoll.wait(into: ready, timeoutMilliseconds: 0) == 0)
    let flags = fcntl(userfault.raw, F_GETFL)
    try #require(fcntl(userfault.raw, F_SETFL, flags & ~O_NONBLOCK) == 0)
    // The kernel looks again when something happens, or when it is asked to.
    try epoll.modify(userfault.raw, readable: true, token: 7)
    #expect(epoll.wait(into: ready, timeoutMilliseconds: 0) == 1)
    #expect(ready[0].failed && ready[0].token == 7)
  }

  @Test func theReadForOldKernelsTakesTheSameFaults() throws {
    let range = try RegisteredRange(pages: 1)
    let flags = fcntl(range.userfault.raw, F_GETFL)
    try #require(fcntl(range.userfault.raw, F_SETFL, flags & ~O_NONBLOCK) == 0)
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64, alignment: 8)
    defer { buffer.deallocate() }
    let read = { [raw = buffer.baseAddress!] (userfault: borrowing Userfault) in
      userfault.readAfterSettingNonBlocking(into: raw, lengthBytes: 64)
    }
    #expect(read(range.userfault) == -1 && errno == EAGAIN)
    let toucher = try Toucher(range.mapping.bytes.baseAddress!)
    #expect(Readiness.waitReadable(range.userfault.raw, timeoutMilliseconds: 10_000))
    #expect(read(range.userfault) == 32)
    #expect(
      range.userfault.zero(address: range.address(0), lengthBytes: RegisteredRange.page) == .done)
    #expect(toucher.byte() == 0)
  }

  @Test func aProcessThatExitedIsGoneAndNoError() async {
    await #expect(processExitsWith: .success) {
      OwnProcess.bound()
      try useUserfaultOfAnExitedProcess()
    }
  }
}

/// A child makes a userfaultfd of its own memory, sends it and ends. Then it is used.
private func useUserfaultOfAnExitedProcess() throws {
  let pair = try LocalSocket.pair(kind: .sequentialPacket)
  let mapping = try Mapping(anonymousBytes: PageSize.bytes)
  let address = mapping.address
  let exit = try OwnProcess.fork {
    guard let userfault = try? Userfault.create(userModeOnly: true) else { return 1 }
    let outcome = withUnsafeBytes(of: address) {
      pair.second.send($0, descriptors: [userfault.raw])
    }
    return outcome == .sent(8) ? 0 : 2
  }
  #expect(exit == .status(0))
  var bytes = [UInt8](repeating: 0, count: 8)
  var descriptors: [CInt] = []
  let outcome = bytes.withUnsafeMutableBytes {
    pair.first.receive(into: $0, descriptors: &descriptors)
  }
  #expect(outcome == .received(bytes: 8, truncated: false, descriptorsTruncated: false))
  let userfault = try Userfault(adopting: Descriptor(owning: try #require(descriptors.first)))
  try userfault.handshake()
  let page = RegisteredRange.page
  let outcomes = [
    userfault.zero(address: address, lengthBytes: page),
    userfault.continueRange(address: address, lengthBytes: page),
    userfault.writeProtect(address: address, lengthBytes: page, on: true),
  ]
  #expect(outcomes == [.gone, .gone, .gone])
}
