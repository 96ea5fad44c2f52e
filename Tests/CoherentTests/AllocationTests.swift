// What a client does with memory that is granted or refused, and with arguments that can never be
// right.

import Coherent
import CoherentSystem
import CoherentWire
import TestSupport
import Testing

@Suite(.enabled(if: KernelRight.userfaultfd.isThere, "\(KernelRight.userfaultfd)"))
struct AllocationTests {
  @Test func theMemoryIsTheArenasAtTheOffsetGranted() throws {
    let daemon = try FakeDaemon()
    let file = try FakeDaemon.sealedFile()
    let view = try file.duplicate()
    let thread = try Thread.start(name: "fake daemon") {
      daemon.shakeHands(file)
      daemon.grant(offsetBytes: 3 * 65536, sizeBytes: 65536, resetsRange: true)
      guard let free = daemon.next() else { return }
      #expect(free.request == .free(HandleID(rawValue: 42)))
      daemon.send(.freed, to: free.id)
    }
    let client = try Client(socket: daemon.takeClientEnd())
    let buffer = try client.allocate(bytes: 1000, alignment: 65536, timeout: .seconds(1))
    #expect(buffer.id == 42)
    #expect(buffer.count == 1000)
    #expect(Int(bitPattern: buffer.bytes.baseAddress) % 65536 == 0)
    #expect(buffer.bytes.allSatisfy { $0 == 0 })
    buffer.bytes.storeBytes(of: 0x1234_5678, toByteOffset: 8, as: UInt32.self)
    var seen: UInt32 = 0
    try withUnsafeMutableBytes(of: &seen) {
      try view.read(into: $0, offsetBytes: 3 * 65536 + 8)
    }
    #expect(seen == 0x1234_5678)
    try buffer.free()
    #expect(refusal(buffer.free)?.refusal == Refusal(.invalidRange, .alreadyEnded))
    thread.join()
    client.close()
  }

  @Test func aRefusalIsThrownWithItsNumbersAndHolder() throws {
    try FakeSession.run { daemon in
      guard let request = daemon.next() else { return }
      var refusal = Refusal(.outOfDeviceMemory, asked: 65536, available: 4096)
      refusal.holderProcess = 99
      refusal.pinned = 1 << 20
      daemon.send(.refused(refusal), to: request.id)
    } client: { client in
      let error = refusal { () throws(CoherentError) in try client.allocate(bytes: 65536) }
      #expect(error?.reason == .outOfDeviceMemory)
      #expect(error?.numbers.asked == 65536)
      #expect(error?.numbers.available == 4096)
      #expect(error?.numbers.pinned == 1 << 20)
      #expect(error?.numbers.holderProcess == 99)
      #expect(
        error?.description.hasPrefix("outOfDeviceMemory: Out of device memory: 64 KiB") == true)
      #expect(error?.message.contains("process 99") == true)
    }
  }

  @Test func whatCanNeverBeRightIsRefusedWithoutARequest() throws {
    try FakeSession.run { daemon in
      daemon.grant()
      guard let request = daemon.next() else { return }
      #expect(request.request == .statistics)
      daemon.send(.statistics(StatisticsAnswer()), to: request.id)
    } client: { client in
      for bytes in [0, -1, Int.min] {
        expect(.zeroLength) { () throws(CoherentError) in try client.allocate(bytes: bytes) }
      }
      // Half the arena is the most, whatever address it was mapped at.
      for alignment in [-1, 3, 65537, Int.min, 1 << 62, FakeDaemon.arenaBytes] {
        expect(.badAlignment) { () throws(CoherentError) in
          try client.allocate(bytes: 1, alignment: alignment)
        }
      }
      expect(.timeoutTooLong) { () throws(CoherentError) in
        try client.allocate(bytes: 1, timeout: .milliseconds(60_001))
      }
      let buffer = try client.allocate(bytes: 1000, timeout: .milliseconds(60_000))
      expectRangeChecks(buffer)
      _ = try client.statistics()
    }
  }

  @Test(arguments: [
    (0, 1), (65536, 65535), (1, 65536), (FakeDaemon.arenaBytes, 65536),
    (FakeDaemon.arenaBytes - 65536, 131072), (Int.max - 65535, 65536),
  ]) func aGrantThatCannotBeIsRefused(_ offsetBytes: Int, _ sizeBytes: Int) throws {
    try FakeSession.run { daemon in
      daemon.grant(offsetBytes: UInt64(offsetBytes), sizeBytes: UInt64(sizeBytes))
    } client: { client in
      let error = refusal { () throws(CoherentError) in try client.allocate(bytes: 65536) }
      #expect(error?.reason == .protocolViolation)
    }
  }

  private func expectRangeChecks(_ buffer: Buffer) {
    expect(.zeroLength) { () throws(CoherentError) in try buffer.query(range: 5..<5) }
    for (range, detail) in [
      (0..<1001, Refusal.Detail.pastTheEnd), (-1..<5, .beforeTheStart), (1000..<1001, .pastTheEnd),
      (Int.min..<Int.max, .beforeTheStart),
    ] {
      expect(detail) { () throws(CoherentError) in try buffer.query(range: range) }
      expect(detail) { () throws(CoherentError) in
        try buffer.advise(.cold, range: range)
      }
      expect(detail) { () throws(CoherentError) in
        try buffer.migrate(to: .host, range: range)
      }
      expect(detail) { () throws(CoherentError) in
        try buffer.pin(range: range, lease: .zero)
      }
    }
    let before = refusal { () throws(CoherentError) in try buffer.pin(range: -3..<5, lease: .zero) }
    #expect(before?.message == "The range begins 3 bytes before the allocation.")
    let tooLong = refusal { () throws(CoherentError) in
      try buffer.pin(lease: .milliseconds(10_001))
    }
    #expect(tooLong?.refusal == Refusal(.leaseTooLong, asked: 10_001, limit: 10_000))
    #expect(tooLong?.message.contains("at most 10000 ms") == true)
    #expect(tooLong?.message.contains("a long-term pin") == true)
  }

  private func expect<Value: ~Copyable>(
    _ detail: Refusal.Detail, _ location: SourceLocation = #_sourceLocation,
    _ body: () throws(CoherentError) -> Value
  ) {
    let error = refusal(body)
    #expect(error?.reason == .invalidRange, sourceLocation: location)
    #expect(error?.refusal.detail == detail, sourceLocation: location)
  }
}

extension FakeDaemon {
  /// Answers the next request, which must be to allocate, with handle 42.
  func grant(offsetBytes: UInt64 = 0, sizeBytes: UInt64 = 65536, resetsRange: Bool = false) {
    guard let request = next() else { return }
    #expect(request.request.kind == .allocate)
    send(
      .allocated(
        HandleID(rawValue: 42), offsetBytes: offsetBytes, sizeBytes: sizeBytes,
        resetsRange: resetsRange), to: request.id)
  }
}
