// The page of `top` without a terminal: what is on it, in which order, and that no size and no
// numbers break it.

import CoherentControl
import CoherentSystem
import CoherentWire
import Testing

@testable import coherentctl

@Suite struct TopPageTests {
  private func session(_ number: UInt32) -> SessionReport {
    var session = SessionReport(session: SessionID(rawValue: number))
    session.process = Int32(1000 + number)
    session.user = number
    session.command = "worker-\(number)"
    session.deviceBytes = UInt64(number) << 20
    session.storedBytes = UInt64(10 - number) << 30
    return session
  }

  private func sample(at seconds: UInt64, faults: UInt64 = 0) -> TopSample {
    var sample = TopSample()
    sample.status = RenderingTests.status
    sample.status.faults = faults
    sample.nanoseconds = seconds * 1_000_000_000
    sample.sessions = (1...5 as ClosedRange<UInt32>).map { number in
      var session = session(number)
      session.faults = faults * UInt64(number)
      session.stallMicroseconds = UInt64(number) * seconds * 100_000
      return session
    }
    return sample
  }

  private func lines(
    _ columns: Int, _ rows: Int, _ view: TopPage.View = TopPage.View()
  ) -> [String] {
    let report = TopReport(sample(at: 12, faults: 300), since: sample(at: 10, faults: 100))
    return TopPage(report, view, Style(), userName: { "user\($0)" })
      .lines(Terminal.Size(columns: columns, rows: rows))
  }

  @Test func thePageInEightyColumns() {
    let lines = lines(80, 20)
    #expect(lines[1].hasPrefix("Device ########") && lines[1].hasSuffix(" 3 GiB of 4 GiB (75%)"))
    #expect(
      Array(lines[..<1] + lines[2..<12]) == [
        "coherentd 0.1.0 - running, up 1d 1h; 3 sessions, 1 allocation, 0 waiting",
        "Host   700 MiB stored, 12 MiB mapped; 64 MiB pinned; 0 blocks online",
        "Stall  some 0.0% 0.0% 0.0%, full 0.0% 0.0% 0.0%  (of 10s, 1min, 5min)",
        "Work   100 faults/s, 0 frames/s evicted, 0 frames/s restored", "",
        "    PID USER vDEVICE  HOST STORED PINNED FLT/S EVI/S STALL COMMAND  UNIT        ",
        "   1005 user5     5M    0B     5G     0B   500     0   50% worker-5 -   ",
        "   1004 user4     4M    0B     6G     0B   400     0   40% worker-4 -   ",
        "   1003 user3     3M    0B     7G     0B   300     0   30% worker-3 -   ",
        "   1002 user2     2M    0B     8G     0B   200     0   20% worker-2 -   ",
        "   1001 user1     1M    0B     9G     0B   100     0   10% worker-1 -   ",
      ])
    #expect(lines.count == 20 && lines.last?.hasPrefix("q:quit") == true)
  }

  @Test func noLineIsLongerAndNoPageHigherThanTheTerminal() {
    for columns in [1, 2, 7, 8, 20, 39, 60, 79, 80, 81, 100, 131, 200] {
      for rows in [1, 2, 3, 5, 10, 13, 14, 24, 60] {
        for offset in [0, 3, 1000] {
          let lines = lines(columns, rows, TopPage.View(offset: offset))
          #expect(lines.count <= rows)
          for line in lines { #expect(line.count <= columns, "\(columns)x\(rows): \(line)") }
        }
      }
    }
  }

  @Test func theCommandHasTheRoomThatNoUnitTakes() {
    var sample = sample(at: 12)
    sample.sessions[0].command = "coherent-worker"
    func lines() -> [String] {
      TopPage(TopReport(sample, since: nil), TopPage.View(), Style(), userName: { "u\($0)" })
        .lines(Terminal.Size(columns: 80, rows: 20))
    }
    #expect(lines().contains { $0.contains(" coherent-worker -") })
    sample.sessions[1].unit = "a-long-name-of-a-unit.service"
    #expect(lines().allSatisfy { $0.count <= 80 })
    #expect(lines().contains { $0.contains("a-long-n") })
  }

  @Test func withoutMemoryOnlineTheDeviceIsOffline() {
    var sample = sample(at: 12)
    sample.status.onlineBytes = 0
    let lines = TopPage(
      TopReport(sample, since: nil), TopPage.View(), Style(), userName: { "u\($0)" }
    ).lines(Terminal.Size(columns: 80, rows: 20))
    #expect(lines[1] == "Device offline: 4 GiB in 32 blocks could be brought online")
  }

  @Test func theMarkFallsWhereTheNumbersFall() {
    for order in TopOrder.allCases {
      for isReversed in [false, true] {
        let view = TopPage.View(order: order, isReversed: isReversed)
        let header = lines(200, 20, view)[6]
        let isDown = (order == .process || order == .user) == isReversed
        #expect(header.contains(isDown ? "v" : "^") && !header.contains(isDown ? "^" : "v"))
      }
    }
  }

  @Test(arguments: [
    (TopOrder.device, [5, 4, 3, 2, 1]), (.stored, [1, 2, 3, 4, 5]), (.host, [1, 2, 3, 4, 5]),
    (.faults, [5, 4, 3, 2, 1]), (.stall, [5, 4, 3, 2, 1]), (.process, [1, 2, 3, 4, 5]),
    (.user, [1, 2, 3, 4, 5]),
  ])
  func rowsAreSortedAndReversed(_ order: TopOrder, _ expected: [UInt32]) {
    let rows = TopRow.all(sample(at: 12, faults: 300), since: sample(at: 10, faults: 100))
    func numbers(_ isReversed: Bool) -> [UInt32] {
      order.sorted(rows.shuffled(), isReversed: isReversed).map(\.session.session.rawValue)
    }
    #expect(numbers(false) == expected)
    #expect(numbers(true) == expected.reversed())
    #expect(TopOrder(key: order.key) == order)
  }

  @Test func ratesNeedTwoLooksAndSurviveACounterThatBeganAnew() {
    let first = TopReport(sample(at: 10), since: nil)
    #expect(first.faultsPerSecond == nil && first.sessions[0].stallPercent == nil)
    let again = TopReport(sample(at: 12, faults: 40), since: sample(at: 10, faults: 9000))
    #expect(again.faultsPerSecond == 20)
    let sameMoment = TopReport(sample(at: 10), since: sample(at: 10))
    #expect(sameMoment.faultsPerSecond == nil)
  }

  @Test func numbersOfNonsenseAreShownWithoutATrap() {
    var sample = sample(at: 12)
    sample.sessions[0].deviceBytes = .max
    sample.sessions[0].faults = .max
    sample.sessions[0].stallMicroseconds = .max
    sample.sessions[0].command = "x\u{1B}[31m"
    sample.status.freeBytes = .max
    sample.pressure.some.average10 = .nan
    sample.pressure.full.average60 = -.infinity
    let report = TopReport(sample, since: self.sample(at: 10))
    let lines = TopPage(report, TopPage.View(), Style(), userName: { String($0) })
      .lines(Terminal.Size(columns: 80, rows: 24))
    #expect(lines.allSatisfy { $0.count <= 80 && !$0.contains("\u{1B}") })
  }

  @Test(arguments: [
    ("q", [TopKey.character("q")]), ("\u{1B}[A\u{1B}OB", [.up, .down]),
    ("\u{1B}[5~\u{1B}[6~", [.pageUp, .pageDown]),
    ("\u{1B}[H\u{1B}OF\u{1B}[1~\u{1B}[8~", [.home, .end, .home, .end]), ("\u{1B}", []),
    ("\u{1B}[", []),
    ("\u{1B}[1;5Ax", [.up, .character("x")]), ("\u{1}\u{7F}é", []), ("\u{3}", [.interrupt]),
    ("\u{1B}[99z?", [.character("?")]),
  ])
  func readsKeys(_ typed: String, _ keys: [TopKey]) {
    #expect(TopKey.keys(in: Array(typed.utf8)) == keys)
  }
}
