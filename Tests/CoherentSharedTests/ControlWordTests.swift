// The transitions of one word, as values: each one, at the ends of every field, and on words that
// no honest client leaves.

import Testing

@testable import CoherentShared

struct ControlWordTests {
  /// A word from its fields, as the picture has them.
  private func word(
    count: UInt64 = 0, resident: Bool = false, evicting: Bool = false, revoked: Bool = false,
    revocations: UInt64 = 0, epoch: UInt64 = 0
  ) -> ControlWord {
    let flags: UInt64 = (resident ? 1 : 0) | (evicting ? 2 : 0) | (revoked ? 4 : 0)
    return ControlWord(rawValue: count | flags << 16 | revocations << 20 | epoch << 40)
  }

  private func token(_ revocations: UInt32) -> ControlWord.Token {
    ControlWord.Token(revocations: revocations)
  }

  @Test func everyFieldStandsWhereThePictureHasIt() {
    let full = word(
      count: 0xffff, resident: true, evicting: true, revoked: true, revocations: 0xf_ffff,
      epoch: 0xff_ffff)
    #expect(full.rawValue == ~(1 << 19))
    #expect(full.count == 0xffff && full.revocations == 0xf_ffff && full.epoch == 0xff_ffff)
    #expect(full.isResident && full.isEvicting && full.isRevoked)
    #expect(word(epoch: 5).epoch == 5 && word(revocations: 6).revocations == 6)
    #expect(!ControlWord.closed.isResident)
  }

  @Test func aPinOfAnOpenWordCountsAndRemembersTheRevocations() {
    let (after, outcome) = word(count: 3, resident: true, revocations: 9, epoch: 4).pinning()
    #expect(outcome == .pinned(token(9)))
    #expect(after == word(count: 4, resident: true, revocations: 9, epoch: 5))
  }

  @Test(arguments: [(false, false), (false, true), (true, true)])
  func aPinOfAWordThatIsClosedOrUnderEvictionIsARequest(resident: Bool, evicting: Bool) {
    let before = word(count: 2, resident: resident, evicting: evicting)
    #expect(before.pinning() == (before, .needsRequest))
  }

  @Test func theCountReachesItsMaximumAndNoMore() {
    let below = word(count: 0xfffe, resident: true)
    let full = word(count: 0xffff, resident: true, epoch: 1)
    #expect(below.pinning() == (full, .pinned(token(0))))
    #expect(full.pinning() == (full, .needsRequest))
    #expect(full.unpinning(token(0)) == (word(count: 0xfffe, resident: true, epoch: 1), .unpinned))
  }

  @Test func anEpochThatWrapsTouchesNothingElse() {
    let (after, _) = word(count: 1, resident: true, revocations: 7, epoch: 0xff_ffff).pinning()
    #expect(after == word(count: 2, resident: true, revocations: 7, epoch: 0))
  }

  @Test func revocationsThatWrapTouchNothingElse() {
    let before = word(count: 1, resident: true, revocations: 0xf_ffff, epoch: 3)
    #expect(before.revoked() == word(revoked: true, revocations: 0, epoch: 3))
    #expect(before.closing() == word(revocations: 0, epoch: 3))
  }

  @Test func theLastUnpinUnderAnEvictionSaysSo() {
    let two = word(count: 2, resident: true, evicting: true)
    let one = word(count: 1, resident: true, evicting: true)
    #expect(two.unpinning(token(0)) == (one, .unpinned))
    #expect(one.unpinning(token(0)).outcome == .lastUnderEviction)
    #expect(word(count: 1, resident: true).unpinning(token(0)).outcome == .unpinned)
  }

  @Test(arguments: [0, 1, 3, 0xf_ffff] as [UInt32])
  func aStaleUnpinChangesNothing(stale: UInt32) {
    let before = word(count: 5, resident: true, revocations: 2)
    #expect(before.unpinning(token(stale)) == (before, .leaseExpired))
  }

  @Test func anUnpinOfWhatIsNotPinnedChangesNothing() {
    let before = word(resident: true, revocations: 2)
    #expect(before.unpinning(token(2)) == (before, .notPinned))
  }

  @Test func openingKeepsEpochAndRevocationsAndNothingElse() {
    let before = word(count: 9, evicting: true, revoked: true, revocations: 4, epoch: 6)
    #expect(before.opened() == word(resident: true, revocations: 4, epoch: 6))
    #expect(ControlWord.closed.opened() == word(resident: true))
  }

  @Test func takingClosesWhatIsNotPinnedAndShutsWhatIs() {
    let free = word(resident: true, evicting: true, revocations: 1, epoch: 2)
    #expect(free.taking() == (word(revocations: 1, epoch: 2), .taken))
    let pinned = word(count: 1, resident: true, epoch: 8)
    let shut = word(count: 1, resident: true, evicting: true, epoch: 8)
    #expect(pinned.taking() == (shut, .pinned(count: 1, epoch: 8)))
    #expect(shut.taking() == (shut, .pinned(count: 1, epoch: 8)))
    #expect(shut.pinning().outcome == .needsRequest)
  }

  @Test func aRevocationMakesEveryTokenStale() {
    let after = word(count: 3, resident: true, evicting: true, revocations: 4).revoked()
    #expect(after == word(revoked: true, revocations: 5))
    #expect(after.unpinning(token(4)).outcome == .leaseExpired)
    #expect(after.opened().unpinning(token(4)).outcome == .leaseExpired)
    #expect(!after.opened().isRevoked)
  }

  @Test func onlyPinsThatAreNotYoungerThanWhatWasSeenExpire() {
    let before = word(count: 2, resident: true, revocations: 1, epoch: 7)
    #expect(before.expiring(seenEpoch: 7) == (before.revoked(), .revoked(count: 2)))
    #expect(before.expiring(seenEpoch: 6) == (before, .renewed))
    let none = word(resident: true, epoch: 7)
    #expect(none.expiring(seenEpoch: 7) == (none, .renewed))
  }

  @Test func noValueOf64BitsTrapsAnyTransition() {
    var generator = SystemRandomNumberGenerator()
    let edges: [UInt64] = [0, 1, .max, .max - 1, 1 << 63, 0xffff, 0x1_ffff, 0x3_0000]
    let values = edges + (0..<10_000).map { _ in generator.next() }
    for value in values {
      let word = ControlWord(rawValue: value)
      #expect(!word.closing().isResident && word.closing().count == 0)
      #expect(!word.revoked().isResident && word.revoked().count == 0)
      #expect(word.opened().isResident && word.opened().count == 0)
      #expect(word.pinning().after.revocations == word.revocations)
      #expect(word.unpinning(token(word.revocations)).after.revocations == word.revocations)
      _ = word.taking()
      _ = word.expiring(seenEpoch: word.epoch)
    }
  }
}
