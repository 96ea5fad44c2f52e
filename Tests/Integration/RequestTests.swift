// Every request with every bad argument, byte for byte: each is refused by name and has changed
// nothing, and the connection is as good as before where the protocol says so.

import CoherentControl
import CoherentSystem
import CoherentWire
import Testing

extension IntegrationTests {
  @Suite struct Requests {
    /// The state as far as a refused request may not change it.
    private func state(_ daemon: TestDaemon) throws -> StatusReport {
      var status = try daemon.status()
      status.uptimeMilliseconds = 0
      status.refusedRequests = 0
      status.misbehavedClients = 0
      // Sampled: what it was at some moment before.
      status.kernelCommittedBytes = 0
      return status
    }

    private func range(_ handle: HandleID, _ offset: UInt64, _ length: UInt64) -> HandleRange {
      HandleRange(handle: handle, offsetBytes: offset, lengthBytes: length)
    }

    private static let frame: UInt64 = 4096

    @Test func badArgumentsAreRefusedByNameAndTheConnectionLives() throws {
      try TestDaemon.with { daemon in
        let client = try RawClient.attached(daemon)
        let other = try RawClient.attached(daemon)
        let mine = try handle(client, frames: 2)
        let freed = try handle(client, frames: 1)
        _ = try client.ask(.free(freed))
        var foreign = try handle(other, frames: 1)
        // A number that means nothing here: handles count up in each session for itself.
        for _ in 0..<4 { foreign = try handle(other, frames: 1) }
        guard
          case .pinned(let released, _, _) = try client.ask(
            .pin(range(mine, 0, 1), leaseMilliseconds: 0, timeoutMilliseconds: 10_000)),
          case .unpinned = try client.ask(.unpin(released))
        else { throw TestFailure("no pin to try with") }
        try daemon.eventually(status: "nothing moves") {
          $0.pins == 0 && $0.releasingBytes == 0 && $0.committedBytes == $0.capacityBytes
        }
        let before = try state(daemon)
        for (request, reason, detail) in allocations() + ranges(mine, [freed, foreign])
          + pins(mine, released)
        {
          let refusal = try client.refusal(request)
          #expect(refusal.reason == reason && refusal.detail == detail, "\(request): \(refusal)")
          #expect(try state(daemon) == before, "\(request) changes nothing")
        }
        #expect(try client.ask(.query(range(mine, 0, 2 * Self.frame))) != .freed)
        #expect(try client.ask(.free(mine)) == .freed)
      }
    }

    private typealias Case = (Request, Refusal.Reason, Refusal.Detail)

    private func handle(_ client: RawClient, frames: UInt64) throws -> HandleID {
      guard
        case .allocated(let handle, _, _, _) = try client.ask(
          .allocate(
            sizeBytes: frames * Self.frame, alignmentBytes: 0, timeoutMilliseconds: 10_000,
            priority: 128))
      else { throw TestFailure("nothing allocated") }
      return handle
    }

    private func allocations() -> [Case] {
      func allocate(_ size: UInt64, alignment: UInt64 = 0, timeout: UInt32 = 0) -> Request {
        .allocate(
          sizeBytes: size, alignmentBytes: alignment, timeoutMilliseconds: timeout, priority: 128)
      }
      return [
        (allocate(0), .invalidRange, .zeroLength),
        (allocate(64 << 20 | 1), .overLimit, .arenaFull),
        (allocate(1 << 62), .overLimit, .arenaFull),
        (allocate(.max), .overLimit, .arenaFull),
        (allocate(1, alignment: 3), .invalidRange, .badAlignment),
        (allocate(1, alignment: .max), .invalidRange, .badAlignment),
        (allocate(1, alignment: 1 << 63), .invalidRange, .badAlignment),
        (allocate(1, alignment: 64 << 20), .invalidRange, .badAlignment),
        (allocate(1, timeout: 60_001), .invalidRange, .timeoutTooLong),
        (allocate(1, timeout: .max), .invalidRange, .timeoutTooLong),
      ]
    }

    /// Everything that takes a handle, with handles and ranges that are not there.
    private func ranges(_ mine: HandleID, _ notMine: [HandleID]) -> [Case] {
      let size = 2 * Self.frame
      let handles = notMine + [HandleID(rawValue: 99), HandleID(rawValue: .max)]
      var bad: [(HandleRange, Refusal.Detail)] = handles.map {
        (range($0, 0, 1), .unknownHandle)
      }
      bad += [
        (range(mine, 0, 0), .zeroLength), (range(mine, size, 0), .zeroLength),
        (range(mine, 0, size + 1), .pastTheEnd), (range(mine, size, 1), .pastTheEnd),
        (range(mine, size - 1, 2), .pastTheEnd), (range(mine, .max, 1), .pastTheEnd),
        (range(mine, 1, .max), .pastTheEnd), (range(mine, .max, .max), .pastTheEnd),
      ]
      var cases: [Case] = handles.map { (.free($0), .invalidRange, .unknownHandle) }
      for (range, detail) in bad {
        cases += [
          (.query(range), .invalidRange, detail),
          (
            .pin(range, leaseMilliseconds: 0, timeoutMilliseconds: 100), .invalidRange, detail
          ),
          (.migrate(range, to: .device, timeoutMilliseconds: 100), .invalidRange, detail),
          (.migrate(range, to: .host, timeoutMilliseconds: 100), .invalidRange, detail),
        ]
        for advice in Advice.allCases {
          cases.append((.advise(range, advice), .invalidRange, detail))
        }
      }
      for timeout: UInt32 in [60_001, .max] {
        cases += [
          (
            .migrate(range(mine, 0, 1), to: .host, timeoutMilliseconds: timeout), .invalidRange,
            .timeoutTooLong
          ),
          (
            .pin(range(mine, 0, 1), leaseMilliseconds: 0, timeoutMilliseconds: timeout),
            .invalidRange, .timeoutTooLong
          ),
        ]
      }
      return cases
    }

    private func pins(_ mine: HandleID, _ released: PinID) -> [Case] {
      [
        (
          .pin(range(mine, 0, 1), leaseMilliseconds: 10_001, timeoutMilliseconds: 0),
          .leaseTooLong, .none
        ),
        (
          .pin(range(mine, 0, 1), leaseMilliseconds: .max, timeoutMilliseconds: 0),
          .leaseTooLong, .none
        ),
        (.unpin(released), .invalidRange, .unknownPin),
        (.unpin(PinID(rawValue: 99)), .invalidRange, .unknownPin),
        (.unpin(PinID(rawValue: .max)), .invalidRange, .unknownPin),
      ]
    }

    @Test func whatNoClientWouldSendEndsTheConnectionByName() throws {
      try TestDaemon.with { daemon in
        try daemon.eventually(status: "the kernel's count is there") {
          $0.kernelCommittedBytes == $0.committedBytes
        }
        let before = try state(daemon)
        for wrong in WrongPacket.all() {
          let client = try RawClient.attached(daemon)
          client.send(wrong.bytes, wrong.descriptors(client.socket.raw))
          guard case .reply(_, .refused(let refusal)) = try client.next() else {
            Issue.record("\(wrong.name) was not refused")
            continue
          }
          #expect(refusal.reason == .protocolViolation, "\(wrong.name): \(refusal)")
          #expect(refusal.detail == wrong.detail, "\(wrong.name): \(refusal)")
          #expect(try client.next() == .closed, "\(wrong.name)")
        }
        try daemon.eventually("all of them are gone, and nothing has changed") {
          try state(daemon) == before
        }
        #expect(try daemon.status().misbehavedClients == UInt64(WrongPacket.all().count))
        #expect(daemon.log.contents.contains("protocolViolation"))
      }
    }
  }
}
