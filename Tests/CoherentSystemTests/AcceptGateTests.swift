// The gate of all who accept: closed after a failure and while there is no room, open afterwards.

import Testing

@testable import CoherentSystem

struct AcceptGateTests {
  private static let token: UInt64 = 7

  private func seen(_ epoll: borrowing Epoll) -> Int {
    var ready = [Epoll.Ready](repeating: Epoll.Ready(), count: 2)
    return ready.withUnsafeMutableBufferPointer {
      epoll.wait(into: $0, timeoutMilliseconds: 0)
    }
  }

  @Test func pausesAfterAFailureAndWhileThereIsNoRoom() throws {
    let epoll = try Epoll()
    let bell = try EventCounter()
    bell.signal()
    try epoll.add(bell.raw, readable: true, token: Self.token)
    var gate = AcceptGate(listener: bell.raw, token: Self.token)
    #expect(gate.deadline(now: 1000) == nil)
    #expect(seen(epoll) == 1)

    gate.pause(now: 1000)
    try gate.update(epoll, now: 1000)
    #expect(seen(epoll) == 0)
    let end = 1000 + AcceptGate.pauseMilliseconds
    #expect(gate.deadline(now: 1000) == end)
    try gate.update(epoll, now: end - 1)
    #expect(seen(epoll) == 0)
    try gate.update(epoll, now: end)
    #expect(gate.deadline(now: end) == nil)
    #expect(seen(epoll) == 1)

    try gate.update(epoll, hasRoom: false, now: end)
    #expect(seen(epoll) == 0)
    try gate.update(epoll, hasRoom: true, now: end)
    #expect(seen(epoll) == 1)

    gate.end(epoll)
    try gate.update(epoll, now: end + 1)
    #expect(seen(epoll) == 0)
  }
}
