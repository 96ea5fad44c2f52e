// Faults that are tried again: each once, in time whatever comes meanwhile, and none forgotten.

import CoherentSystem
import Testing

@testable import CoherentDaemon

@Suite struct FaultRetriesTests {
  private func fault(_ page: Int, isWrite: Bool = false) -> Fault {
    Fault(
      address: UInt64(page * PageSize.bytes), isWrite: isWrite, isWriteProtect: false,
      isMinor: false)
  }

  @Test func aFaultThatIsRepeatedIsKeptOnce() {
    var retries = FaultRetries()
    for _ in 0..<1000 { retries.add(fault(1), at: 0) }
    retries.add(fault(1, isWrite: true), at: 0)
    retries.add(fault(2), at: 0)
    #expect(retries.count == 3)
    let taken = retries.takeAll()
    #expect(taken.faults.count == 3 && !taken.wakesEverybody)
    #expect(retries.isEmpty && !retries.isDue(at: .max))
  }

  @Test func itsTimeComesHoweverManyOthersFollow() {
    var retries = FaultRetries()
    #expect(!retries.isDue(at: 0))
    let pause = FaultRetries.pauseNanoseconds
    for moment in 0..<100 { retries.add(fault(moment), at: UInt64(moment) * pause / 100) }
    #expect(!retries.isDue(at: pause - 1))
    #expect(retries.isDue(at: pause), "counted from the first one, not from the last")
    #expect(retries.millisecondsUntilDue(at: pause) == 0)
    #expect(retries.millisecondsUntilDue(at: 1) == 10, "never too early")
    _ = retries.takeAll()
    #expect(retries.millisecondsUntilDue(at: 1) == nil)
  }

  @Test func pastTheLimitNobodyIsForgotten() {
    var retries = FaultRetries()
    for page in 0..<FaultRetries.limit { retries.add(fault(page), at: 0) }
    retries.add(fault(FaultRetries.limit), at: 0)
    #expect(retries.count == FaultRetries.limit)
    #expect(retries.takeAll().wakesEverybody)
    retries.add(fault(1), at: 0)
    #expect(!retries.takeAll().wakesEverybody)
  }
}
