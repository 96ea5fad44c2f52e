// Deadlines come out in their order, earliest first. None may ever come before its time, or be lost
// when others are dropped.

import Testing

@testable import CoherentCore

@Suite struct DeadlineQueueTests {
  private func instant(_ number: Int) -> Instant { Instant(nanoseconds: UInt64(number)) }

  @Test func givesOutTheEarliestFirstAndNothingBeforeItsTime() {
    var queue = DeadlineQueue()
    let numbers = (0..<200).map { _ in Int.random(in: 1...50) }
    for number in numbers { queue.insert(.waiter(UInt64(number)), at: instant(number)) }
    var seen: [Int] = []
    for time in 0...50 {
      while let due = queue.popDue(instant(time)) {
        #expect(due.instant == instant(time))
        seen.append(time)
      }
    }
    #expect(seen == numbers.sorted())
    #expect(queue.earliest == nil)
  }

  @Test func staysInOrderWhenTheDeadAreDropped() {
    var queue = DeadlineQueue()
    for number in (1...100).shuffled() {
      queue.insert(.waiter(UInt64(number)), at: instant(number))
    }
    queue.compact { entry in
      if case .waiter(let number) = entry.subject { number % 3 == 0 } else { false }
    }
    var seen: [UInt64] = []
    while let due = queue.popDue(.never) { seen.append(due.instant.nanoseconds) }
    #expect(seen == (1...100).filter { $0 % 3 == 0 })
  }
}
