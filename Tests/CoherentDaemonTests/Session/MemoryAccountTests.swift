// When a session that holds memory past its allocations is told, and when it is ended.

import Testing

@testable import CoherentDaemon

@Suite struct MemoryAccountTests {
  private func look(
    _ account: inout MemoryAccount, _ kernelBytes: UInt64, isRegular: Bool = true
  ) -> MemoryAccount.Verdict {
    account.look(
      kernelBytes: kernelBytes, accountedBytes: 100, limitBytes: 10, isRegular: isRegular)
  }

  @Test func whoHoldsTooMuchIsToldAtTheSecondLookAndEndedAtTheThird() {
    var account = MemoryAccount()
    #expect(look(&account, 111) == .sound, "a migration may have been under way")
    #expect(look(&account, 111) == .tell)
    #expect(look(&account, 111) == .end)
    #expect(account.unaccountedBytes == 11 && account.kernelBytes == 111)
  }

  @Test func whatIsToleratedIsShownAndNothingMore() {
    var account = MemoryAccount()
    for _ in 0..<5 { #expect(look(&account, 110) == .sound) }
    #expect(account.unaccountedBytes == 10)
    #expect(look(&account, 40) == .sound)
    #expect(account.unaccountedBytes == 0)
  }

  @Test func whoGivesItBackBeginsAnew() {
    var account = MemoryAccount()
    _ = look(&account, 111)
    #expect(look(&account, 111) == .tell)
    #expect(look(&account, 100) == .sound)
    #expect(look(&account, 111) == .sound)
    #expect(look(&account, 111) == .tell)
  }

  @Test func looksInBetweenJudgeNobody() {
    var account = MemoryAccount()
    for _ in 0..<9 { #expect(look(&account, 500, isRegular: false) == .sound) }
    #expect(account.unaccountedBytes == 400)
    #expect(look(&account, 500) == .sound)
  }
}
