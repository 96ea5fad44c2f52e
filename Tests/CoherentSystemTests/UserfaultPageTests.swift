// The facts that evicting and restoring stand on, each by itself.

import Glibc
import TestSupport
import Testing

@testable import CoherentSystem

@Suite(.enabled(if: KernelRight.userfaultfd.isThere, "\(KernelRight.userfaultfd)"))
struct UserfaultPageTests {
  private let page = RegisteredRange.page

  private static func kernelHas(_ features: UserfaultFeatures) throws -> Bool {
    try Userfault.supportedFeatures().isSuperset(of: features)
  }

  @Test func aMissingPageFaultsAndIsFilledThroughTheFile() throws {
    let range = try RegisteredRange(pages: 2)
    let toucher = try Toucher(range.mapping.bytes.baseAddress! + PageSize.bytes)
    let faults = try range.nextFaults()
    #expect(faults.map(\.address) == [range.address(1)])
    #expect(faults.allSatisfy { !$0.isWrite && !$0.isMinor && !$0.isWriteProtect })
    #expect(
      range.userfault.continueRange(address: range.address(1), lengthBytes: page) == .notCached)
    try range.store(0x77, page: 1)
    #expect(range.userfault.continueRange(address: range.address(1), lengthBytes: page) == .done)
    #expect(toucher.byte() == 0x77)
  }

  @Test func aCachedPageFaultsAsMinor() throws {
    let range = try RegisteredRange(pages: 1)
    try range.store(0x11, page: 0)
    let toucher = try Toucher(range.mapping.bytes.baseAddress!, writing: 0x12)
    let faults = try range.nextFaults()
    #expect(faults.allSatisfy { $0.isMinor && $0.isWrite })
    #expect(range.userfault.continueRange(address: range.address(0), lengthBytes: page) == .done)
    #expect(toucher.byte() == 0x12)
    #expect(range.mapping.bytes[1] == 0x11)
  }

  @Test func missingAloneMapsWhatIsCachedWithoutAnEvent() throws {
    let range = try RegisteredRange(pages: 1, modes: [.missing])
    try range.store(0x21, page: 0)
    #expect(range.mapping.bytes[0] == 0x21)
    let buffer = UnsafeMutableBufferPointer<Fault>.allocate(capacity: 1)
    defer { buffer.deallocate() }
    #expect(range.userfault.readFaults(into: buffer) == .none)
  }

  @Test func minorAloneFillsAHoleWithZerosWithoutAnEvent() throws {
    let range = try RegisteredRange(pages: 1, modes: [.minor])
    #expect(range.mapping.bytes[0] == 0)
    #expect(try range.file.committedBytes() == page)
  }

  @Test func continuingAMappedPageSaysSo() throws {
    let range = try RegisteredRange(pages: 1)
    try range.store(1, page: 0)
    #expect(range.userfault.continueRange(address: range.address(0), lengthBytes: page) == .done)
    #expect(range.userfault.continueRange(address: range.address(0), lengthBytes: page) == .exists)
  }

  @Test func copyingOverACachedPageSaysSo() throws {
    let range = try RegisteredRange(pages: 1)
    try range.store(1, page: 0)
    let bytes = [UInt8](repeating: 9, count: PageSize.bytes)
    let outcome = bytes.withUnsafeBytes {
      range.userfault.copy(from: $0, address: range.address(0))
    }
    #expect(outcome == .exists)
    #expect(range.userfault.zero(address: range.address(0), lengthBytes: page) == .exists)
  }

  @Test func whatExistsNeverWakesTheWaiter() throws {
    let range = try RegisteredRange(pages: 1)
    let toucher = try Toucher(range.mapping.bytes.baseAddress!)
    #expect(try range.nextFaults().count == 1)
    try range.store(0x31, page: 0)
    // Filled and mapped without waking; then again, which finds it mapped.
    #expect(
      range.userfault.continueRange(address: range.address(0), lengthBytes: page, wake: false)
        == .done)
    #expect(range.userfault.continueRange(address: range.address(0), lengthBytes: page) == .exists)
    // The waiter still sleeps: taking its page away again makes it fault anew once it is woken,
    // which it could not do if it had read the byte already.
    try range.file.punch(offsetBytes: 0, lengthBytes: page)
    let buffer = UnsafeMutableBufferPointer<Fault>.allocate(capacity: 1)
    defer { buffer.deallocate() }
    #expect(range.userfault.readFaults(into: buffer) == .none)
    #expect(range.userfault.wake(address: range.address(0), lengthBytes: page) == .done)
    #expect(try range.nextFaults().count == 1)
    try range.store(0x32, page: 0)
    #expect(range.userfault.continueRange(address: range.address(0), lengthBytes: page) == .done)
    #expect(toucher.byte() == 0x32)
  }

  @Test func aFaultThatWasReadAndForgottenComesAgainAfterAWake() throws {
    let range = try RegisteredRange(pages: 1)
    let toucher = try Toucher(range.mapping.bytes.baseAddress!)
    let first = try range.nextFaults()
    #expect(range.userfault.wake(address: range.address(0), lengthBytes: page) == .done)
    #expect(try range.nextFaults() == first)
    #expect(range.userfault.zero(address: range.address(0), lengthBytes: page) == .done)
    #expect(toucher.byte() == 0)
  }

  @Test func aWriterOfAProtectedPageWaitsAndIsNotWokenByThePunch() throws {
    let range = try RegisteredRange(pages: 1)
    try range.store(0x41, page: 0)
    #expect(range.userfault.continueRange(address: range.address(0), lengthBytes: page) == .done)
    #expect(
      range.userfault.writeProtect(address: range.address(0), lengthBytes: page, on: true) == .done)
    #expect(range.mapping.bytes[0] == 0x41)
    let toucher = try Toucher(range.mapping.bytes.baseAddress!, writing: 0x42)
    #expect(try range.nextFaults().allSatisfy { $0.isWrite && $0.isWriteProtect })
    try range.file.punch(offsetBytes: 0, lengthBytes: page)
    #expect(try range.file.committedBytes() == 0)
    #expect(range.userfault.wake(address: range.address(0), lengthBytes: page) == .done)
    // It faults again, as missing now; the copy is put back and the write goes on.
    #expect(try range.nextFaults().allSatisfy { $0.isWrite && !$0.isWriteProtect })
    try range.store(0x41, page: 0)
    #expect(range.userfault.continueRange(address: range.address(0), lengthBytes: page) == .done)
    #expect(toucher.byte() == 0x42)
    #expect(range.mapping.bytes[0] == 0x42 && range.mapping.bytes[1] == 0x41)
  }

  @Test(
    .enabled(
      "needs linux-6.4: mapping write-protected", { try kernelHas(.writeProtectUnpopulated) })
  )
  func endingProtectionWakesTheWriter() throws {
    let range = try RegisteredRange(pages: 1)
    try range.store(0, page: 0)
    #expect(
      range.userfault.continueRange(
        address: range.address(0), lengthBytes: page, writeProtected: true) == .done)
    let toucher = try Toucher(range.mapping.bytes.baseAddress!, writing: 5)
    #expect(try range.nextFaults().allSatisfy(\.isWriteProtect))
    #expect(
      range.userfault.writeProtect(address: range.address(0), lengthBytes: page, on: false) == .done
    )
    #expect(toucher.byte() == 5)
  }

  @Test func aRunThatMeetsAHoleSaysHowFarItCame() throws {
    let range = try RegisteredRange(pages: 4)
    for index in 0..<2 { try range.store(UInt8(index), page: index) }
    #expect(
      range.userfault.continueRange(address: range.address(0), lengthBytes: 4 * page)
        == .again(doneBytes: 2 * page))
    #expect(
      range.userfault.continueRange(address: range.address(2), lengthBytes: 2 * page) == .notCached)
  }

  @Test(.enabled("needs linux-6.6: UFFDIO_POISON", { try kernelHas(.poison) }))
  func aPoisonedPageIsSIGBUS() async {
    await #expect(processExitsWith: .signal(SIGBUS)) {
      OwnProcess.bound()
      signal(SIGBUS, SIG_DFL)
      let range = try RegisteredRange(pages: 1)
      let outcome = range.userfault.poison(
        address: range.address(0), lengthBytes: RegisteredRange.page)
      invariant(outcome == .done, "a hole is poisoned, not \(outcome)")
      invariant(range.mapping.bytes[0] == 1, "this is never reached")
    }
  }

  @Test func unregisteringEndsTheFaults() throws {
    let range = try RegisteredRange(pages: 1)
    try range.userfault.unregister(baseAddress: range.address(0), lengthBytes: page)
    #expect(range.mapping.bytes[0] == 0)
  }

  @Test func whenTheLastCopyClosesWaitersReadZerosSoACopyIsKept() throws {
    // Fact and reason in one: with a copy kept the waiter still waits, without it reads zeros.
    let file = try MemoryFile(name: "test", sizeBytes: page)
    let mapping = try Mapping(file: file, lengthBytes: PageSize.bytes, writable: true)
    let userfault = try Userfault.create(userModeOnly: true)
    try userfault.handshake()
    try userfault.register(baseAddress: mapping.address, lengthBytes: page)
    let kept = try userfault.duplicate()
    let toucher = try Toucher(mapping.bytes.baseAddress!)
    #expect(Readiness.waitReadable(userfault.raw, timeoutMilliseconds: 10_000))
    _ = consume userfault
    // The handler's copy is gone, the fault is still there for whoever comes with the kept one.
    #expect(Readiness.waitReadable(kept.raw, timeoutMilliseconds: 0))
    _ = consume kept
    #expect(toucher.byte() == 0)
  }
}
