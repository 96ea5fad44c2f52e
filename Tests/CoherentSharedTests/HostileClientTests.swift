// A client that writes anything into its control memory, and does to the file what it can.

import CoherentSystem
import Glibc
import Synchronization
import Testing

@testable import CoherentShared

struct HostileClientTests {
  private func words(_ raw: borrowing Mapping) -> UnsafeMutablePointer<Atomic<UInt64>> {
    (raw.bytes.baseAddress! + ControlWords.headerBytes)
      .bindMemory(to: Atomic<UInt64>.self, capacity: 64)
  }

  /// Every operation of the daemon on one slot.
  private func operate(_ daemon: ControlWords, _ slot: ControlSlot) {
    let epoch = daemon.peek(slot: slot).epoch
    _ = daemon.take(slot: slot)
    _ = daemon.expire(slot: slot, seenEpoch: epoch)
    _ = daemon.revoke(slot: slot)
    daemon.open(slot: slot)
    daemon.close(slot: slot)
  }

  @Test func noForgedWordReachesBeyondItself() throws {
    let memory = try ControlMemory()
    let client = try memory.client()
    let raw = try memory.raw()
    let words = words(raw)
    let slot = ControlSlot(rawValue: 7)
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<2_000 {
      let forged = (0..<64).map { _ in generator.next() as UInt64 }
      for index in 0..<64 { words[index].store(forged[index], ordering: .relaxed) }
      if case .pinned(let token) = client.pin(slot: slot) {
        _ = client.unpin(slot: slot, token: token)
      }
      operate(memory.daemon, slot)
      #expect(memory.daemon.peek(slot: slot).count == 0)
      for index in 0..<64 where index != 7 {
        #expect(words[index].load(ordering: .relaxed) == forged[index])
      }
    }
  }

  @Test func aRevocationNeedsNoConsentAndNoOperationWaitsForAClientThatWritesForEver() throws {
    let memory = try ControlMemory()
    let daemon = memory.daemon
    let client = try memory.client()
    let slot = ControlSlot(rawValue: 0)
    let stop = StopFlag()
    let scribbler = try Thread.start(name: "scribbler") {
      var value: UInt64 = 0x9e37_79b9_7f4a_7c15
      while !stop.isSet {
        value = value &* 6_364_136_223_846_793_005 &+ 1
        (client.words + 0).pointee.store(value, ordering: .relaxed)
      }
    }
    for _ in 0..<20_000 { operate(daemon, slot) }
    stop.set()
    scribbler.join()
    _ = daemon.revoke(slot: slot)
    #expect(daemon.peek(slot: slot).count == 0)
    #expect(daemon.take(slot: slot) == .taken)
  }

  @Test func theControlMemoryCannotBeTakenFromUnderTheDaemon() throws {
    let memory = try ControlMemory()
    #expect(ftruncate(memory.file.raw, 0) == -1)
    #expect(errno == EPERM)
    let slot = ControlSlot(rawValue: 1)
    memory.daemon.open(slot: slot)
    let client = try memory.client()
    guard case .pinned(let token) = client.pin(slot: slot) else {
      Issue.record("an open word is pinned")
      return
    }
    try memory.file.punch(
      offsetBytes: memory.layout.controlOffset, lengthBytes: memory.layout.controlBytes)
    #expect(client.unpin(slot: slot, token: token) == .notPinned)
    #expect(memory.daemon.peek(slot: slot) == .closed)
    operate(memory.daemon, slot)
  }

  private final class StopFlag: Sendable {
    private let flag = Atomic<Bool>(false)
    var isSet: Bool { flag.load(ordering: .relaxed) }
    func set() { flag.store(true, ordering: .relaxed) }
  }
}
