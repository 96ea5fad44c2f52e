// Looking before taking: a descriptor that nobody asked for is never received.

import Glibc
import TestSupport
import Testing

@testable import CoherentSystem

struct ArrivalTests {
  private func look(_ socket: borrowing LocalSocket, capacity: Int = 64) -> Arrival {
    var bytes = [UInt8](repeating: 0, count: capacity)
    return bytes.withUnsafeMutableBytes { socket.look(into: $0) }
  }

  @Test func aLookLeavesThePacketAndTakingItLeavesTheNext() throws {
    let pair = try LocalSocket.pair(kind: .sequentialPacket)
    #expect(look(pair.second) == .wouldBlock)
    #expect(RawMessage.send([1, 2, 3], descriptors: [], on: pair.first.raw) == 3)
    #expect(RawMessage.send([1], descriptors: [], on: pair.first.raw) == 1)
    #expect(look(pair.second) == .message(bytes: 3, truncated: false, descriptors: 0))
    #expect(look(pair.second, capacity: 2) == .message(bytes: 2, truncated: true, descriptors: 0))
    pair.second.takePacket()
    #expect(look(pair.second) == .message(bytes: 1, truncated: false, descriptors: 0))
    pair.second.takePacket()
    #expect(look(pair.second) == .wouldBlock)
    pair.first.shutdown()
    #expect(look(pair.second) == .closed)
  }

  @Test(arguments: [1, 2, 253])
  func descriptorsAreCountedAndNoneIsReceived(_ count: Int) throws {
    let pair = try LocalSocket.pair(kind: .sequentialPacket)
    let pipe = try Pipe()
    let copies = Array(repeating: pipe.writeEnd.raw, count: count)
    #expect(RawMessage.send([1], descriptors: copies, on: pair.first.raw) == 1)
    let highest = dup(0)
    close(highest)
    #expect(look(pair.second) == .message(bytes: 1, truncated: false, descriptors: count))
    let next = dup(0)
    close(next)
    #expect(next == highest)
  }

  @Test func anEmptyPacketWithADescriptorIsNoEnd() throws {
    let pair = try LocalSocket.pair(kind: .sequentialPacket)
    let pipe = try Pipe()
    #expect(RawMessage.send([], descriptors: [pipe.writeEnd.raw], on: pair.first.raw) == 0)
    #expect(look(pair.second) == .message(bytes: 0, truncated: false, descriptors: 1))
  }

  @Test func theOneDescriptorIsTakenWithItsPacketAndChargedToItsSender() throws {
    let pair = try LocalSocket.pair(kind: .sequentialPacket)
    let pipe = try Pipe()
    #expect(RawMessage.send([1], descriptors: [pipe.writeEnd.raw], on: pair.first.raw) == 1)
    let charge = ClosingCharge(.sent, user: 4714)
    let taken = try pair.second.takePacketWithDescriptor(charge)
    #expect(taken.charge == charge)
    #expect(fcntl(taken.raw, F_GETFD) == FD_CLOEXEC)
    #expect(look(pair.second) == .wouldBlock)
  }

  @Test func anUrgentByteHidesNoDescriptor() throws {
    let pair = try LocalSocket.pair(kind: .stream)
    try pair.second.receiveUrgentInline()
    let lingering = LingeringSocket()
    #expect(
      RawMessage.send(
        [1], descriptors: [lingering.raw], on: pair.first.raw, flags: CInt(MSG_OOB)) == 1)
    #expect(RawMessage.send([2, 3], descriptors: [], on: pair.first.raw) == 2)
    #expect(look(pair.second) == .message(bytes: 1, truncated: false, descriptors: 1))
    lingering.letGo()
  }

  @Test func bytesOfAStreamAreTakenAsTheyWereLookedAt() throws {
    let pair = try LocalSocket.pair(kind: .stream)
    #expect(RawMessage.send([1, 2, 3], descriptors: [], on: pair.first.raw) == 3)
    var bytes = [UInt8](repeating: 0, count: 2)
    let isTaken = bytes.withUnsafeMutableBytes { bytes in
      guard pair.second.look(into: bytes) == .message(bytes: 2, truncated: false, descriptors: 0)
      else { return false }
      return pair.second.takeBytes(bytes)
    }
    #expect(isTaken && bytes == [1, 2])
    #expect(look(pair.second) == .message(bytes: 1, truncated: false, descriptors: 0))
  }
}
