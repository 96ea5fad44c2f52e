// The account of who has how much of what all share, and the share of one user: every small table
// at every share, and every short order of charges of two users against a recount.

import CoherentCore
import Testing

@testable import CoherentCore

@Suite struct UserTableTests {
  @Test func aShareIsAPartThatLeavesOneEntryForOthersOfTwoOrMore() {
    for limit in 0...300 {
      for percent in 1...100 {
        let share = UserShare(of: limit, percent: percent)
        #expect(share.most + share.reserve == limit)
        #expect(share.most <= max(limit * percent / 100, min(limit, 1)))
        #expect(share.most >= limit * percent / 100, "no less than was configured")
        #expect((share.most > 0) == (limit > 0), "one user alone can use every table")
        if limit >= 2, percent < 100 { #expect(share.reserve >= 1, "\(limit) \(percent)") }
        if percent == 100 { #expect(share.reserve == 0) }
      }
    }
    let large = UserShare(of: 1 << 60, percent: 50)
    #expect(large.most == 1 << 59, "no limit is too large for it")
  }

  private struct Step: Hashable {
    var user: UserID
    var table: SharedTable
    var amount: Int
  }

  private static let steps: [Step] = [0, 7].flatMap { user in
    [SharedTable.sessions, .hostFrames].flatMap { table in
      [-2, -1, 1, 2].map { Step(user: UserID(rawValue: user), table: table, amount: $0) }
    }
  }

  @Test func everyShortOrderOfChargesAddsUp() {
    var worlds: [(table: UserTable, model: [Step: Int])] = [(UserTable(), [:])]
    for _ in 0..<4 {
      worlds = worlds.flatMap { world in
        Self.steps.compactMap { step in
          var (table, model) = world
          let key = Step(user: step.user, table: step.table, amount: 0)
          let had = model[key] ?? 0
          guard had + step.amount >= 0 else { return nil }
          if step.amount > 0 {
            table.charge(step.amount, step.table, to: step.user)
          } else {
            table.giveBack(-step.amount, step.table, of: step.user)
          }
          model[key] = had + step.amount
          table.checkInvariants()
          for (key, amount) in model { #expect(table[key.user][key.table] == amount) }
          #expect(table.total[.sessions] == sum(model, .sessions))
          #expect(table.total[.hostFrames] == sum(model, .hostFrames))
          #expect(table.total[.waiters] == 0)
          let holders = Set(model.filter { $0.value > 0 }.map(\.key.user))
          #expect(Set(table.users) == holders && table.count == holders.count)
          return (table, model)
        }
      }
    }
    #expect(worlds.count > 1000)
  }

  private func sum(_ model: [Step: Int], _ table: SharedTable) -> Int {
    model.reduce(0) { $0 + ($1.key.table == table ? $1.value : 0) }
  }

  @Test func nobodyGivesBackMoreThanWasCharged() async {
    await #expect(processExitsWith: .failure) {
      var table = UserTable()
      table.charge(2, .waiters, to: UserID(rawValue: 1))
      table.charge(2, .waiters, to: UserID(rawValue: 2))
      table.giveBack(3, .waiters, of: UserID(rawValue: 1))
    }
  }
}
