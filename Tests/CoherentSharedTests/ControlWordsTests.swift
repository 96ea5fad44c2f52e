// The words in memory that two sides map.

import CoherentSystem
import Testing

@testable import CoherentShared

struct ControlWordsTests {
  private let slot = ControlSlot(rawValue: 3)

  private func tokenOfPin(
    _ words: ControlWords, _ slot: ControlSlot
  ) -> ControlWord.Token? {
    guard case .pinned(let token) = words.pin(slot: slot) else { return nil }
    return token
  }

  @Test func aPinThroughOneMappingIsSeenThroughTheOther() throws {
    let memory = try ControlMemory()
    let client = try memory.client()
    #expect(client.count == memory.daemon.count && client.count >= 64)
    #expect(client.pin(slot: slot) == .needsRequest)
    memory.daemon.open(slot: slot)
    let token = try #require(tokenOfPin(client, slot))
    #expect(memory.daemon.take(slot: slot) == .pinned(count: 1, epoch: 1))
    #expect(client.pin(slot: slot) == .needsRequest)
    #expect(client.unpin(slot: slot, token: token) == .lastUnderEviction)
    #expect(memory.daemon.take(slot: slot) == .taken)
    #expect(client.pin(slot: slot) == .needsRequest)
    memory.daemon.open(slot: slot)
    #expect(tokenOfPin(client, slot) != nil)
  }

  @Test func whatWasRevokedOrClosedIsNotUnpinnedFromItsSuccessor() throws {
    let memory = try ControlMemory()
    let client = try memory.client()
    memory.daemon.open(slot: slot)
    let first = try #require(tokenOfPin(client, slot))
    #expect(memory.daemon.revoke(slot: slot) == 1)
    memory.daemon.open(slot: slot)
    let second = try #require(tokenOfPin(client, slot))
    #expect(client.unpin(slot: slot, token: first) == .leaseExpired)
    #expect(memory.daemon.close(slot: slot) == 1)
    memory.daemon.open(slot: slot)
    let third = try #require(tokenOfPin(client, slot))
    #expect(client.unpin(slot: slot, token: second) == .leaseExpired)
    #expect(memory.daemon.peek(slot: slot).count == 1)
    #expect(client.unpin(slot: slot, token: third) == .unpinned)
    #expect(client.unpin(slot: slot, token: third) == .notPinned)
  }

  @Test func aPinThatCameAfterTheSweepDoesNotExpire() throws {
    let memory = try ControlMemory()
    let client = try memory.client()
    memory.daemon.open(slot: slot)
    _ = client.pin(slot: slot)
    _ = client.pin(slot: slot)
    #expect(memory.daemon.expire(slot: slot, seenEpoch: 1) == .renewed)
    #expect(memory.daemon.expire(slot: slot, seenEpoch: 2) == .revoked(count: 2))
    #expect(memory.daemon.expire(slot: slot, seenEpoch: 2) == .renewed)
    #expect(client.pin(slot: slot) == .needsRequest)
  }

  @Test func aSweepReportsWhatIsPinnedInItsRangeAndNothingElse() throws {
    let memory = try ControlMemory()
    let client = try memory.client()
    for slot in 0..<64 { memory.daemon.open(slot: ControlSlot(rawValue: UInt32(slot))) }
    for slot in [1, 5, 6, 63] as [UInt32] { _ = client.pin(slot: ControlSlot(rawValue: slot)) }
    var found: [UInt32] = []
    memory.daemon.sweep(slots: 5..<63) { slot, word in
      #expect(word.count == 1 && word.epoch == 1)
      found.append(slot.rawValue)
    }
    #expect(found == [5, 6])
    found = []
    memory.daemon.sweep(slots: 0..<memory.daemon.count) { slot, _ in found.append(slot.rawValue) }
    #expect(found == [1, 5, 6, 63])
  }

  @Test func anotherLayoutIsRefused() throws {
    let memory = try ControlMemory()
    let raw = try memory.raw()
    let other = ControlWords.fingerprint ^ 1
    raw.bytes.storeBytes(of: other, as: UInt64.self)
    let refusal = #expect(throws: ControlMismatch.self) { _ = try memory.client() }
    #expect(refusal == ControlMismatch(expected: ControlWords.fingerprint, found: other))
    raw.bytes.storeBytes(of: 0, as: UInt64.self)
    #expect(throws: ControlMismatch.self) { _ = try memory.client() }
  }

  @Test func aDaemonThatComesBackFindsThePinsAsTheyWere() throws {
    let memory = try ControlMemory()
    let client = try memory.client()
    memory.daemon.open(slot: slot)
    let token = try #require(tokenOfPin(client, slot))
    let successor = ControlWords(daemon: try memory.raw())
    #expect(successor.take(slot: slot) == .pinned(count: 1, epoch: 1))
    #expect(client.unpin(slot: slot, token: token) == .lastUnderEviction)
  }

  @Test func aPinTouchesNoWordButItsOwn() throws {
    let memory = try ControlMemory()
    let client = try memory.client()
    let last = ControlSlot(rawValue: client.count - 1)
    for slot in [ControlSlot(rawValue: 0), slot, last] { memory.daemon.open(slot: slot) }
    let token = try #require(tokenOfPin(client, slot))
    for slot in 0..<client.count where slot != self.slot.rawValue {
      let open = slot == 0 || slot == last.rawValue
      let expected = open ? ControlWord.closed.opened() : .closed
      #expect(client.peek(slot: ControlSlot(rawValue: slot)) == expected)
    }
    #expect(client.unpin(slot: slot, token: token) == .unpinned)
  }

  @Test func aSlotBeyondTheMemoryStopsTheProcessBeforeItIsTouched() async {
    await #expect(processExitsWith: .failure) {
      let memory = try ControlMemory()
      memory.daemon.open(slot: ControlSlot(rawValue: memory.daemon.count))
    }
  }
}
