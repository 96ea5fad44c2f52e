// Every limit: one below it and at it all is well, one above is refused with the limit's name and
// its numbers, and what was given back can be had again. Where a table's own limit is looked at,
// one user may have all of it; what is kept for others has tests of its own.

import CoherentControl
import CoherentSystem
import CoherentWire
import Testing

extension IntegrationTests {
  @Suite struct Limits {
    private static let frame: UInt64 = 4096

    private func allocate(
      _ bytes: UInt64, alignment: UInt64 = 0, timeout: UInt32 = 0
    ) -> Request {
      .allocate(
        sizeBytes: bytes, alignmentBytes: alignment, timeoutMilliseconds: timeout, priority: 128)
    }

    private func handle(_ client: RawClient, _ bytes: UInt64) throws -> HandleID {
      let reply = try client.ask(allocate(bytes, timeout: 20_000))
      guard case .allocated(let handle, _, _, _) = reply else { throw TestFailure("\(reply)") }
      return handle
    }

    private func pin(
      _ handle: HandleID, _ bytes: UInt64 = 1, lease: UInt32 = 0, timeout: UInt32 = 20_000
    ) -> Request {
      .pin(
        HandleRange(handle: handle, offsetBytes: 0, lengthBytes: bytes), leaseMilliseconds: lease,
        timeoutMilliseconds: timeout)
    }

    private func expect(
      _ refusal: Refusal, _ detail: Refusal.Detail, number asked: UInt64, limit: UInt64,
      sourceLocation: SourceLocation = #_sourceLocation
    ) {
      #expect(refusal.reason == .overLimit, "\(refusal)", sourceLocation: sourceLocation)
      #expect(refusal.detail == detail, "\(refusal)", sourceLocation: sourceLocation)
      #expect(refusal.asked == asked, "\(refusal)", sourceLocation: sourceLocation)
      #expect(refusal.limit == limit, "\(refusal)", sourceLocation: sourceLocation)
    }

    @Test func sessions() throws {
      try TestDaemon.with(["Limits.Sessions": "3", "Limits.UserShare": "100"]) { daemon in
        var clients = try (0..<3).map { _ in try RawClient.attached(daemon) }
        let late = try RawClient(daemon)
        let refusal = try late.refusal(.hello(lowestVersion: 1, highestVersion: 1))
        expect(refusal, .tooManySessions, number: 4, limit: 3)
        #expect(try late.next() == .closed)
        #expect(daemon.log.line(with: ["was not admitted", "Too many sessions"]) != nil)
        clients.removeLast()
        try daemon.eventually(status: "one has left") { $0.sessions == 2 }
        let next = try RawClient.attached(daemon)
        for client in clients + [next] {
          guard case .statistics = try client.ask(.statistics) else {
            throw TestFailure("no reply")
          }
        }
      }
    }

    @Test func allocationsOfAllAndOfOne() throws {
      let settings = [
        "Limits.Allocations": "5", "Limits.AllocationsPerSession": "3", "Limits.UserShare": "100",
      ]
      try TestDaemon.with(settings) {
        let first = try RawClient.attached($0)
        let second = try RawClient.attached($0)
        let handles = try (0..<3).map { _ in try handle(first, 1) }
        expect(
          try first.refusal(allocate(1)), .tooManyAllocations, number: 4, limit: 3)
        for _ in 0..<2 { _ = try handle(second, 1) }
        expect(try second.refusal(allocate(1)), .tooManyAllocations, number: 6, limit: 5)
        _ = try first.ask(.free(handles[0]))
        _ = try handle(second, 1)
        expect(try first.refusal(allocate(1)), .tooManyAllocations, number: 6, limit: 5)
      }
    }

    @Test func pinsOfOneSession() throws {
      try TestDaemon.with(["Limits.PinsPerSession": "3"]) { daemon in
        let client = try RawClient.attached(daemon)
        let handle = try handle(client, 8 * Self.frame)
        var pins: [PinID] = []
        for _ in 0..<3 {
          guard case .pinned(let pin, _, _) = try client.ask(pin(handle, lease: 10_000)) else {
            throw TestFailure("no pin")
          }
          pins.append(pin)
        }
        expect(try client.refusal(pin(handle)), .tooManyPins, number: 4, limit: 3)
        #expect(try daemon.status().pins == 3)
        #expect(try client.ask(.unpin(pins[1])) == .unpinned)
        guard case .pinned = try client.ask(pin(handle, lease: 10_000)) else {
          throw TestFailure("no pin")
        }
        let other = try RawClient.attached(daemon)
        guard case .pinned = try other.ask(pin(try self.handle(other, 1))) else {
          throw TestFailure("the limit is each session's own")
        }
      }
    }

    @Test func requestsUnderWay() throws {
      try TestDaemon.with(["Requests.InFlight": "4"]) { daemon in
        let (client, pins) = try fullDevice(daemon)
        let waiting = try RawClient.attached(daemon)
        for _ in 0..<4 { waiting.begin(allocate(1, timeout: 60_000)) }
        try daemon.eventually(status: "four requests wait") { $0.waiters == 4 }
        expect(
          try waiting.refusal(allocate(1, timeout: 60_000)), .tooManyRequests, number: 5, limit: 4)
        #expect(try daemon.status().waiters == 4)
        for pin in pins { #expect(try client.ask(.unpin(pin)) == .unpinned) }
        for _ in 0..<4 {
          guard case .reply(_, .allocated) = try waiting.next() else {
            throw TestFailure("not granted after the pins had ended")
          }
        }
        guard case .statistics = try waiting.ask(.statistics) else { throw TestFailure("no reply") }
      }
    }

    @Test func requestsWaitingInAll() throws {
      try TestDaemon.with(["Requests.Waiting": "2", "Limits.UserShare": "100"]) { daemon in
        let (client, pins) = try fullDevice(daemon)
        let waiting = try (0..<2).map { _ in try RawClient.attached(daemon) }
        for one in waiting { one.begin(allocate(1, timeout: 60_000)) }
        try daemon.eventually(status: "two requests wait") { $0.waiters == 2 }
        let late = try RawClient.attached(daemon)
        expect(
          try late.refusal(allocate(1, timeout: 60_000)), .tooManyWaiters, number: 3, limit: 2)
        #expect(try client.ask(.unpin(pins[0])) == .unpinned)
        for one in waiting {
          guard case .reply(_, .allocated) = try one.next() else { throw TestFailure("no grant") }
        }
        guard case .allocated = try late.ask(allocate(1, timeout: 20_000)) else {
          throw TestFailure("no grant")
        }
      }
    }

    /// A client whose pins hold all of the device.
    private func fullDevice(_ daemon: TestDaemon) throws -> (RawClient, [PinID]) {
      let client = try RawClient.attached(daemon)
      let status = try daemon.status()
      let limit = status.onlineBytes - status.watermarkMinimumBytes / Self.frame * Self.frame
      let handle = try handle(client, limit)
      // Nothing of it was touched; to pin is to bring it to the device.
      guard case .pinned(let pin, _, _) = try client.ask(pin(handle, limit, lease: 10_000)) else {
        throw TestFailure("the device cannot be pinned whole")
      }
      return (client, [pin])
    }

    @Test func hostMemory() throws {
      try TestDaemon.with(["Host.Limit": "1M", "Limits.UserShare": "100"]) { daemon in
        let client = try RawClient.attached(daemon)
        let first = try handle(client, (1 << 20) - Self.frame)
        let last = try handle(client, Self.frame)
        let refusal = try client.refusal(allocate(1, timeout: 60_000))
        #expect(refusal.reason == .outOfHostMemory && refusal.detail == .none)
        #expect(refusal.asked == Self.frame && refusal.available == 0)
        #expect(refusal.limit == 1 << 20)
        #expect(try daemon.status().hostReservedBytes == 1 << 20)
        #expect(try client.ask(.free(last)) == .freed)
        let two = try client.refusal(allocate(2 * Self.frame))
        #expect(two.reason == .outOfHostMemory && two.available == Self.frame)
        _ = try handle(client, Self.frame)
        #expect(try client.ask(.free(first)) == .freed)
        _ = try handle(client, (1 << 20) - Self.frame)
      }
    }

    @Test func theSizeOfTheDevice() throws {
      let all = [
        "Pressure.Min": "0%", "Pressure.Low": "0%", "Pressure.High": "0%",
        "Region.Oversubscribe": "no",
      ]
      try TestDaemon.with(all) { daemon in
        let client = try RawClient.attached(daemon)
        let size = try daemon.status().onlineBytes
        for bytes in [size - Self.frame, size] {
          let handle = try handle(client, bytes)
          #expect(try daemon.status().freeBytes == size - bytes)
          #expect(try client.ask(.free(handle)) == .freed)
        }
        let refusal = try client.refusal(allocate(size + 1, timeout: 60_000))
        #expect(refusal.reason == .outOfDeviceMemory && refusal.detail == .largerThanDevice)
        #expect(refusal.asked == size + 1 && refusal.limit == size && refusal.available == size)
      }
    }

    @Test func theReserveOfTheDevice() throws {
      try TestDaemon.with(["Pressure.Min": "1M", "Pressure.Low": "1M", "Pressure.High": "2M"]) {
        let client = try RawClient.attached($0)
        let most: UInt64 = (8 << 20) - (1 << 20)
        let largest = try handle(client, most)
        #expect(try $0.status().reservedBytes == most)
        #expect(try client.ask(.free(largest)) == .freed)
        _ = try handle(client, most + 1)
        #expect(try $0.status().reservedBytes == 0, "more than the device has reserves nothing")
      }
    }

    @Test func leases() throws {
      try TestDaemon.with(["Leases.Default": "700ms", "Leases.Maximum": "2s"]) { daemon in
        let client = try RawClient.attached(daemon)
        let handle = try handle(client, 1)
        for (asked, granted) in [(0, 700), (1, 1), (1999, 1999), (2000, 2000)] {
          guard
            case .pinned(_, let lease, _) = try client.ask(pin(handle, lease: UInt32(asked)))
          else { throw TestFailure("no pin") }
          #expect(lease == UInt32(granted))
          // The shortest lease ends at once; that is said, and stands before the next reply.
          if asked == 1 { #expect(client.waitForAnything()) }
        }
        let refusal = try client.refusal(pin(handle, lease: 2001))
        #expect(refusal.reason == .leaseTooLong)
        #expect(refusal.asked == 2001 && refusal.limit == 2000)
      }
    }

    @Test func timeouts() throws {
      try TestDaemon.with(["Requests.MaximumTimeout": "3s"]) { daemon in
        let client = try RawClient.attached(daemon)
        for timeout: UInt32 in [2999, 3000] {
          guard case .allocated = try client.ask(allocate(1, timeout: timeout)) else {
            throw TestFailure("not granted")
          }
        }
        let refusal = try client.refusal(allocate(1, timeout: 3001))
        #expect(refusal.reason == .invalidRange && refusal.detail == .timeoutTooLong)
        #expect(refusal.asked == 3001 && refusal.limit == 3000)
      }
    }

    @Test func theArena() throws {
      try TestDaemon.with(["Arena.Size": "4M"]) { daemon in
        let client = try RawClient.attached(daemon)
        let most = try handle(client, (4 << 20) - Self.frame)
        let last = try handle(client, Self.frame)
        let refusal = try client.refusal(allocate(1, timeout: 60_000))
        #expect(refusal.reason == .overLimit && refusal.detail == .arenaFull)
        #expect(refusal.asked == Self.frame && refusal.limit == 4 << 20)
        #expect(try client.ask(.free(last)) == .freed)
        #expect(try client.ask(.free(most)) == .freed)
        let aligned = try client.ask(allocate(1, alignment: 2 << 20, timeout: 20_000))
        guard case .allocated(_, let offset, _, _) = aligned else {
          throw TestFailure("\(aligned)")
        }
        #expect(offset % (2 << 20) == 0)
        let most2 = try client.refusal(allocate(1, alignment: 4 << 20))
        #expect(most2.detail == .badAlignment && most2.limit == 2 << 20)
      }
    }
  }
}
