// Connections on their way to a session: accepted, and not attached yet. Each costs a descriptor,
// and from its hello on a memory file and a table; so there are only so many, and of one user only
// its share. Whoever comes is let in, and the oldest of the user who has too many goes: a client
// that attaches at once is never among the oldest for long. What may never happen: a connection of
// a user who has few that goes because of one who has many.
//
// It is pure: the control loop closes what it names.

import CoherentCore

struct Arrivals {
  /// A connection that has to go, and how many its user has.
  struct Excess: Equatable {
    let token: UInt64
    let user: UserID
    let count: Int
  }

  /// Of each user, the oldest first.
  private var tokens: [UserID: [UInt64]] = [:]
  private var users: [UInt64: UserID] = [:]

  var count: Int { users.count }

  func count(of user: UserID) -> Int { tokens[user]?.count ?? 0 }

  mutating func add(_ token: UInt64, of user: UserID) {
    guard users[token] == nil else { return }
    users[token] = user
    tokens[user, default: []].append(token)
  }

  /// It has become a session, or it is gone. Again is no harm. O(connections of the user).
  mutating func remove(_ token: UInt64) {
    guard let user = users.removeValue(forKey: token) else { return }
    tokens[user]?.removeAll { $0 == token }
    if tokens[user]?.isEmpty == true { tokens[user] = nil }
  }

  /// It is known by another token from now on, and keeps its age.
  mutating func rename(_ token: UInt64, _ other: UInt64) {
    guard let user = users.removeValue(forKey: token),
      let index = tokens[user]?.firstIndex(of: token)
    else { return }
    users[other] = user
    tokens[user]?[index] = other
  }

  /// The oldest connection of a user who has more than the share, or, where there are too many in
  /// all, of the user who has most; nil if there is room. O(users).
  func excess(_ share: UserShare) -> Excess? {
    guard let (user, list) = tokens.max(by: { isBehind($0, $1) }), let oldest = list.first,
      list.count > share.most || count > share.limit
    else { return nil }
    return Excess(token: oldest, user: user, count: list.count)
  }

  private func isBehind(
    _ left: (key: UserID, value: [UInt64]), _ right: (key: UserID, value: [UInt64])
  ) -> Bool {
    (left.value.count, right.key) < (right.value.count, left.key)
  }
}
