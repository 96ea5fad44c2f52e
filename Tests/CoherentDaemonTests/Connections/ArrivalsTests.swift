// Who has to go when too many connections are on their way: of every short order of arrivals of
// three users, always one of a user who has most, and the oldest of these.

import CoherentCore
import Testing

@testable import CoherentDaemon

@Suite struct ArrivalsTests {
  private let share = UserShare(of: 4, percent: 75)

  @Test func everyShortOrderOfArrivalsKeepsTheBoundsAndTakesFromWhoHasMost() {
    for order in 0..<2187 {
      var arrivals = Arrivals()
      var model: [(token: UInt64, user: UInt32)] = []
      var rest = order
      for token in 1...7 as ClosedRange<UInt64> {
        let user = UInt32(rest % 3)
        rest /= 3
        arrivals.add(token, of: UserID(rawValue: user))
        model.append((token, user))
        while let excess = arrivals.excess(share) {
          let counts = (0..<3).map { user in model.count { $0.user == UInt32(user) } }
          #expect(counts[Int(excess.user.rawValue)] == counts.max())
          #expect(excess.count == counts.max())
          #expect(model.first { $0.user == excess.user.rawValue }?.token == excess.token)
          arrivals.remove(excess.token)
          model.removeAll { $0.token == excess.token }
        }
        #expect(arrivals.count == model.count && model.count <= share.limit)
        for user in 0..<3 as Range<UInt32> {
          let count = model.count { $0.user == user }
          #expect(arrivals.count(of: UserID(rawValue: user)) == count && count <= share.most)
        }
      }
    }
  }

  @Test func anotherUsersFloodNeverTakesTheOneConnectionOfSomebody() {
    var arrivals = Arrivals()
    arrivals.add(1, of: UserID(rawValue: 1000))
    for token in 2...5000 as ClosedRange<UInt64> {
      arrivals.add(token, of: UserID(rawValue: 65534))
      while let excess = arrivals.excess(share) {
        #expect(excess.token != 1)
        arrivals.remove(excess.token)
      }
    }
    #expect(arrivals.count(of: UserID(rawValue: 1000)) == 1)
  }

  @Test func aRenamedConnectionKeepsItsAge() {
    var arrivals = Arrivals()
    for token in 1...3 as ClosedRange<UInt64> { arrivals.add(token, of: .root) }
    arrivals.rename(1, 77)
    arrivals.rename(1, 78)
    arrivals.add(4, of: .root)
    #expect(arrivals.excess(share) == Arrivals.Excess(token: 77, user: .root, count: 4))
    arrivals.remove(77)
    arrivals.remove(77)
    #expect(arrivals.excess(share) == nil && arrivals.count == 3)
  }
}
