// Who has how much of what all clients share. Every entry of a shared table is charged to the user
// who caused it, from before it is granted until it is given back.
//
// Law: for each table the charges of all users add up to what is charged in all, and nobody who has
// nothing is remembered.
//
// It is no more than the account: what a user may have is decided by whoever charges.

/// What clients share, each in its own unit.
package enum SharedTable: Int, CaseIterable, Sendable {
  case sessions
  case allocations
  /// Host memory that is promised to what may leave the device, in frames.
  case hostFrames
  /// Requests that wait.
  case waiters
}

/// A number for each shared table.
package struct Charges: Equatable, Sendable {
  private var sessions = 0
  private var allocations = 0
  private var hostFrames = 0
  private var waiters = 0

  package init() {}

  package subscript(table: SharedTable) -> Int {
    get {
      switch table {
      case .sessions: sessions
      case .allocations: allocations
      case .hostFrames: hostFrames
      case .waiters: waiters
      }
    }
    set {
      switch table {
      case .sessions: sessions = newValue
      case .allocations: allocations = newValue
      case .hostFrames: hostFrames = newValue
      case .waiters: waiters = newValue
      }
    }
  }

  package var isNothing: Bool { self == Charges() }
}

struct UserTable {
  private var accounts: [UserID: Charges] = [:]
  private(set) var total = Charges()

  var count: Int { accounts.count }

  /// By number.
  var users: [UserID] { accounts.keys.sorted() }

  subscript(user: UserID) -> Charges { accounts[user] ?? Charges() }

  /// O(1).
  mutating func charge(_ amount: Int, _ table: SharedTable, to user: UserID) {
    invariant(amount >= 0, "a charge adds")
    guard amount > 0 else { return }
    accounts[user, default: Charges()][table] += amount
    total[table] += amount
  }

  /// O(1).
  mutating func giveBack(_ amount: Int, _ table: SharedTable, of user: UserID) {
    invariant(
      amount >= 0 && amount <= self[user][table], "nobody gives back more than was charged")
    guard amount > 0 else { return }
    accounts[user]?[table] -= amount
    total[table] -= amount
    if accounts[user]?.isNothing == true { accounts[user] = nil }
  }

  /// O(users).
  func checkInvariants() {
    var sum = Charges()
    for (_, charges) in accounts {
      invariant(!charges.isNothing, "nobody who has nothing is remembered")
      for table in SharedTable.allCases {
        invariant(charges[table] >= 0, "nobody is charged less than nothing")
        sum[table] += charges[table]
      }
    }
    invariant(sum == total, "the charges of all users are what is charged")
  }
}
