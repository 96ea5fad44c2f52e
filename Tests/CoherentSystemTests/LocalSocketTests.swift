// Messages, descriptors, listeners and what a hostile peer may try.

import Glibc
import TestSupport
import Testing

@testable import CoherentSystem

struct LocalSocketTests {
  private func send(
    _ bytes: [UInt8], on socket: borrowing LocalSocket, descriptors: [CInt] = []
  ) -> SendOutcome {
    bytes.withUnsafeBytes { socket.send($0, descriptors: descriptors) }
  }

  private func receive(
    on socket: borrowing LocalSocket, capacity: Int = 64
  ) -> (outcome: ReceiveOutcome, bytes: [UInt8], descriptors: [CInt]) {
    var bytes = [UInt8](repeating: 0, count: capacity)
    var descriptors: [CInt] = []
    let outcome = bytes.withUnsafeMutableBytes {
      socket.receive(into: $0, descriptors: &descriptors)
    }
    if case .received(let count, _, _) = outcome { bytes = Array(bytes[..<count]) }
    return (outcome, bytes, descriptors)
  }

  @Test func packetsArriveWholeAndInOrder() throws {
    let pair = try LocalSocket.pair(kind: .sequentialPacket)
    #expect(receive(on: pair.second).outcome == .wouldBlock)
    #expect(send([1, 2, 3], on: pair.first) == .sent(3))
    #expect(send([4], on: pair.first) == .sent(1))
    #expect(receive(on: pair.second).bytes == [1, 2, 3])
    #expect(receive(on: pair.second).bytes == [4])
    #expect(receive(on: pair.second).outcome == .wouldBlock)
  }

  @Test func aPacketThatIsTooLongIsMarked() throws {
    let pair = try LocalSocket.pair(kind: .sequentialPacket)
    #expect(send([1, 2, 3, 4], on: pair.first) == .sent(4))
    let received = receive(on: pair.second, capacity: 3)
    #expect(received.outcome == .received(bytes: 3, truncated: true, descriptorsTruncated: false))
  }

  @Test func descriptorsArriveOpenCloseOnExecAndOwned() throws {
    let pair = try LocalSocket.pair(kind: .sequentialPacket)
    let file = try MemoryFile(name: "sent", sizeBytes: 4096)
    let counter = try EventCounter()
    #expect(send([1], on: pair.first, descriptors: [file.raw, counter.raw]) == .sent(1))
    let received = receive(on: pair.second)
    #expect(received.descriptors.count == 2)
    for descriptor in received.descriptors { #expect(fcntl(descriptor, F_GETFD) == FD_CLOEXEC) }
    let adopted = try MemoryFile(descriptor: Descriptor(owning: received.descriptors[0]))
    #expect(adopted.sizeBytes == 4096)
    counter.signal()
    var count: UInt64 = 0
    #expect(read(received.descriptors[1], &count, 8) == 8 && count == 1)
    _ = Descriptor(owning: received.descriptors[1])
  }

  @Test func moreDescriptorsThanAreTakenAreMarked() throws {
    // A hostile peer is not bound by our sender: five of them, by hand.
    let pair = try LocalSocket.pair(kind: .sequentialPacket)
    let file = try MemoryFile(name: "sent", sizeBytes: 4096)
    #expect(
      RawMessage.send([1], descriptors: Array(repeating: file.raw, count: 5), on: pair.first.raw)
        == 1)
    let received = receive(on: pair.second)
    #expect(received.outcome == .received(bytes: 1, truncated: false, descriptorsTruncated: true))
    #expect(received.descriptors.count == LocalSocket.maximumDescriptors)
    for descriptor in received.descriptors { _ = Descriptor(owning: descriptor) }
  }

  @Test func anEmptyPacketWithADescriptorLeaksNothing() throws {
    let pair = try LocalSocket.pair(kind: .sequentialPacket)
    let file = try MemoryFile(name: "sent", sizeBytes: 4096)
    #expect(RawMessage.send([], descriptors: [file.raw], on: pair.first.raw) == 0)
    let received = receive(on: pair.second)
    #expect(received.outcome == .received(bytes: 0, truncated: false, descriptorsTruncated: false))
    #expect(received.descriptors.count == 1)
    for descriptor in received.descriptors { _ = Descriptor(owning: descriptor) }
  }

  @Test func aFullQueueIsAValueAndAGonePeerToo() throws {
    let pair = try LocalSocket.pair(kind: .sequentialPacket)
    var sent = 0
    while send([0], on: pair.first) == .sent(1) {
      sent += 1
      try #require(sent < 1_000_000)
    }
    #expect(send([0], on: pair.first) == .wouldBlock)
    let second = pair.second
    _ = consume second
    #expect(send([0], on: pair.first) == .closed)
  }

  @Test func theEndOfAPeerIsSeenAfterItsLastMessage() throws {
    let pair = try LocalSocket.pair(kind: .sequentialPacket)
    #expect(send([9], on: pair.first) == .sent(1))
    let first = pair.first
    _ = consume first
    #expect(receive(on: pair.second).bytes == [9])
    #expect(receive(on: pair.second).outcome == .closed)
  }

  @Test func shuttingDownWakesBothSides() throws {
    let pair = try LocalSocket.pair(kind: .sequentialPacket)
    pair.first.shutdown()
    #expect(receive(on: pair.first).outcome == .closed)
    #expect(receive(on: pair.second).outcome == .closed)
    pair.first.shutdown()
  }

  @Test func waitingForAMessageEndsByItsBound() throws {
    let pair = try LocalSocket.pair(kind: .stream)
    let early = [
      pair.first.waitReadable(timeoutMilliseconds: 0),
      pair.first.waitReadable(timeoutMilliseconds: 5),
      pair.first.waitWritable(timeoutMilliseconds: 0),
    ]
    #expect(early == [false, false, true])
    #expect(send([1], on: pair.second) == .sent(1))
    let late = pair.first.waitReadable(timeoutMilliseconds: -1)
    #expect(late)
  }

  @Test(.enabled(if: KernelRight.userfaultfd.isThere, "\(KernelRight.userfaultfd)"))
  func aQueueOfASocketPairKeepsDescriptors() throws {
    let pair = try LocalSocket.pair(kind: .sequentialPacket)
    let page = UInt64(PageSize.bytes)
    for index in 1...50 {
      let file = try MemoryFile(name: "kept", sizeBytes: UInt64(index) * page)
      let userfault = try Userfault.create(userModeOnly: true)
      #expect(
        send([UInt8(index)], on: pair.first, descriptors: [file.raw, userfault.raw]) == .sent(1))
    }
    for index in 1...50 {
      let kept = receive(on: pair.second)
      #expect(kept.bytes == [UInt8(index)])
      let file = try MemoryFile(descriptor: Descriptor(owning: kept.descriptors[0]))
      let userfault = try Userfault(adopting: Descriptor(owning: kept.descriptors[1]))
      #expect(file.sizeBytes == UInt64(index) * page)
      try userfault.handshake()
    }
  }

  @Test func credentialsOfAPairAreOurOwn() throws {
    let pair = try LocalSocket.pair(kind: .stream)
    let credentials = try pair.first.peerCredentials()
    #expect(credentials.process == Process.id)
    #expect(credentials.user == Process.effectiveUser)
    let process = ProcessDescriptor(adopting: try pair.first.peerProcessDescriptor())
    let gone = process.isGone
    #expect(!gone)
  }
}

struct DatagramSenderTests {
  /// A receiver at an abstract name, as systemd has had.
  @Test func anAbstractNameIsReached() throws {
    let name = "coherentd-test-\(Process.id)-\(Clock.monotonicNanoseconds())"
    let receiver = try LocalSocket.create(.datagram)
    let number = receiver.raw
    let bound = try SocketAddress(named: "@\(name)").with { bind(number, $0, $1) }
    try #require(bound == 0)
    let sender = try DatagramSender(destination: "@\(name)")
    let pipe = try Pipe()
    #expect(sender.send("text", descriptors: [pipe.readEnd.raw]) == .sent(4))
    var bytes = [UInt8](repeating: 0, count: 16)
    var descriptors: [CInt] = []
    let outcome = bytes.withUnsafeMutableBytes {
      receiver.receive(into: $0, descriptors: &descriptors)
    }
    #expect(
      outcome == .received(bytes: 4, truncated: false, descriptorsTruncated: false))
    #expect(bytes.starts(with: Array("text".utf8)) && descriptors.count == 1)
    for descriptor in descriptors { closeOwned(descriptor) }
    let nobody = try DatagramSender(destination: "@\(name)-nobody")
    #expect(nobody.send("text") == .closed)
  }
}
