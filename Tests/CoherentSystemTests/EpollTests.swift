// The loop's place to wait, and the three descriptors that ring in it.

import Glibc
import Testing

@testable import CoherentSystem

struct EpollTests {
  private func ready(_ epoll: borrowing Epoll, timeoutMilliseconds: Int32 = 0) -> [Epoll.Ready] {
    let buffer = UnsafeMutableBufferPointer<Epoll.Ready>.allocate(capacity: 4)
    defer { buffer.deallocate() }
    return Array(buffer[..<epoll.wait(into: buffer, timeoutMilliseconds: timeoutMilliseconds)])
  }

  @Test func reportsWhatIsReadableWithItsToken() throws {
    let epoll = try Epoll()
    let first = try EventCounter()
    let second = try EventCounter()
    try epoll.add(first.raw, readable: true, token: 0xdead_beef_0000_0001)
    try epoll.add(second.raw, readable: true, token: UInt64.max)
    #expect(ready(epoll).isEmpty)
    second.signal()
    let reported = ready(epoll)
    #expect(reported.map(\.token) == [UInt64.max])
    #expect(reported.allSatisfy { $0.readable && !$0.writable && !$0.hangUp && !$0.failed })
    let count = second.drain()
    #expect(count == 1)
    #expect(ready(epoll).isEmpty)
  }

  @Test func edgesAreReportedOnceLevelsAgain() throws {
    let epoll = try Epoll()
    let level = try EventCounter()
    let edge = try EventCounter()
    try epoll.add(level.raw, readable: true, token: 1)
    try epoll.add(edge.raw, readable: true, edge: true, token: 2)
    level.signal()
    edge.signal()
    #expect(Set(ready(epoll).map(\.token)) == [1, 2])
    #expect(ready(epoll).map(\.token) == [1])
  }

  @Test func aHangUpIsReportedAlsoToWhoAskedForNothing() throws {
    let epoll = try Epoll()
    let pair = try LocalSocket.pair(kind: .sequentialPacket)
    try epoll.add(pair.first.raw, readable: false, token: 5)
    #expect(ready(epoll).isEmpty)
    let second = pair.second
    _ = consume second
    #expect(ready(epoll).map(\.hangUp) == [true])
    try epoll.remove(pair.first.raw)
    #expect(ready(epoll).isEmpty)
  }

  @Test func writabilityIsReportedWhenAskedFor() throws {
    let epoll = try Epoll()
    let pair = try LocalSocket.pair(kind: .stream)
    try epoll.add(pair.first.raw, readable: true, token: 5)
    #expect(ready(epoll).isEmpty)
    try epoll.modify(pair.first.raw, readable: true, writable: true, token: 6)
    #expect(ready(epoll).map(\.token) == [6])
  }

  @Test func watchingTwiceAndRemovingWhatIsNotWatchedThrow() throws {
    let epoll = try Epoll()
    let counter = try EventCounter()
    let absent = #expect(throws: SystemError.self) { try epoll.remove(counter.raw) }
    #expect(absent?.code == ENOENT)
    try epoll.add(counter.raw, readable: true, token: 1)
    let twice = #expect(throws: SystemError.self) {
      try epoll.add(counter.raw, readable: true, token: 1)
    }
    #expect(twice?.code == EEXIST)
  }

  @Test func manyRingsAreOneAndAFullCounterIsRung() throws {
    let counter = try EventCounter()
    let empty = counter.drain()
    for _ in 0..<5 { counter.signal() }
    let five = counter.drain()
    #expect(empty == 0 && five == 5)
    var nearlyFull = UInt64.max - 1
    #expect(write(counter.raw, &nearlyFull, 8) == 8)
    counter.signal()
    let full = counter.drain()
    #expect(full == UInt64.max - 1)
  }

  @Test func aTimerRingsForItsDeadlineAlsoForOneThatHasPassed() throws {
    let timer = try Timer()
    let before = timer.drain()
    for deadline in [0, 1, Clock.monotonicNanoseconds(), Clock.monotonicNanoseconds() + 1_000_000] {
      timer.arm(atNanoseconds: deadline)
      #expect(Readiness.waitReadable(timer.raw, timeoutMilliseconds: 10_000))
      let rang = timer.drain()
      let again = timer.drain()
      #expect(rang && !again)
    }
    #expect(!before)
  }

  @Test func aTimerThatIsDisarmedOrFarAwayDoesNotRing() throws {
    let timer = try Timer()
    timer.arm(atNanoseconds: 1)
    timer.arm(atNanoseconds: nil)
    #expect(!Readiness.waitReadable(timer.raw, timeoutMilliseconds: 0))
    timer.arm(atNanoseconds: UInt64.max)
    #expect(!Readiness.waitReadable(timer.raw, timeoutMilliseconds: 0))
  }
}
