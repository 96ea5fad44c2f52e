// Each user's share of what all clients share: asked before anything is granted. A refusal names
// the user, how much its share is, and what is kept for others. What was granted is never taken
// away, so a share that is lowered refuses what is asked from then on.

import CoherentWire

extension Core {
  /// How much there is of a table in all.
  private func limit(of table: SharedTable) -> Int {
    switch table {
    case .sessions: configuration.maximumSessions
    case .allocations: configuration.maximumAllocations
    case .hostFrames: configuration.hostLimitFrames
    case .waiters: configuration.maximumWaiters
    }
  }

  package func share(of table: SharedTable) -> UserShare {
    UserShare(of: limit(of: table), percent: configuration.userSharePercent)
  }

  /// The refusal of `amount` more for a user whose share they would exceed; nil if they do not.
  /// `leaving`: how much of what it has is on its way back.
  func shareReached(
    _ user: UserID, _ table: SharedTable, _ amount: Int, leaving: Int = 0
  ) -> Refusal? {
    let share = share(of: table)
    let used = users[user][table] - leaving
    // Where one user may have everything, the table's own limit says so.
    guard share.reserve > 0, used + amount > share.most else { return nil }
    let unit = table == .hostFrames ? configuration.frameBytes : 1
    let isMemory = table == .hostFrames
    var refusal = Refusal(
      .overLimit, Refusal.Detail(shareOf: table),
      asked: UInt64(isMemory ? amount : used + amount) * unit,
      available: UInt64(max(share.most - used, 0)) * unit, limit: UInt64(share.most) * unit)
    refusal.protected = UInt64(share.reserve) * unit
    refusal.user = user.rawValue
    return refusal
  }

  /// The same of an allocation. `afterReleases`: as it will be when everything that the user freed
  /// is given back.
  func shareReached(_ slot: Int, frames: Int, afterReleases: Bool) -> Refusal? {
    let user = sessions[slot].user
    let promised = configuration.oversubscribe ? frames : 0
    guard
      let refusal = shareReached(user, .allocations, 1) ?? shareReached(user, .hostFrames, promised)
    else { return nil }
    guard afterReleases else { return refusal }
    let leaving = dying(user)
    return shareReached(user, .allocations, 1, leaving: leaving.allocations)
      ?? shareReached(
        user, .hostFrames, promised, leaving: configuration.oversubscribe ? leaving.frames : 0)
  }

  package mutating func countRefused(_ refusal: Refusal) {
    counters.refusedRequests += 1
    if refusal.detail.isShare { counters.refusedByShare += 1 }
  }

  /// The same, counted: for whoever refuses at once.
  mutating func checkShare(_ user: UserID, _ table: SharedTable, _ amount: Int) throws(Refusal) {
    guard let refusal = shareReached(user, table, amount) else { return }
    countRefused(refusal)
    throw refusal
  }

  /// What the allocations of a user that were freed will give back. O(sessions).
  func dying(_ user: UserID) -> (allocations: Int, frames: Int) {
    var sum = (allocations: 0, frames: 0)
    for slot in 0..<sessions.endSlot where sessions.holds(slot: slot) {
      guard sessions[slot].user == user else { continue }
      sum.allocations += sessions[slot].dyingAllocations
      sum.frames += sessions[slot].dyingFrames
    }
    return sum
  }

  /// Whose share a waiter is charged to. An administrator's orders have a bound of their own, and
  /// so has what waits for its own pager alone: a session's requests under way.
  func payer(of waiter: Waiter) -> UserID? {
    if case .discard = waiter.wish { return nil }
    guard case .client(let id, _) = waiter.requester, let slot = sessions.slot(of: id) else {
      return nil
    }
    return sessions[slot].user
  }

  /// Recounts what everybody has. O(sessions + waiters).
  func checkShares() {
    users.checkInvariants()
    var recount = UserTable()
    for slot in 0..<sessions.endSlot where sessions.holds(slot: slot) {
      let session = sessions[slot]
      recount.charge(1, .sessions, to: session.user)
      recount.charge(session.arena.allocations.count, .allocations, to: session.user)
      guard configuration.oversubscribe else { continue }
      recount.charge(session.arena.space.takenFrames, .hostFrames, to: session.user)
    }
    for slot in 0..<waiters.endSlot where waiters.holds(slot: slot) {
      if let user = payer(of: waiters[slot: slot]) { recount.charge(1, .waiters, to: user) }
    }
    invariant(recount.total == users.total, "what is charged is what is used")
    for user in Set(recount.users + users.users) {
      invariant(recount[user] == users[user], "everybody is charged what they use")
    }
  }
}

/// What one user has of each shared table.
package struct UserStatus: Equatable, Sendable {
  package let user: UserID
  package let charges: Charges
}

extension Core {
  /// Everybody who has anything, by number, at most `limit` after one of them. O(users).
  package func users(after last: UserID?, limit: Int) -> [UserStatus] {
    let wanted = users.users.drop { user in last.map { user <= $0 } ?? false }
    return wanted.prefix(limit).map { UserStatus(user: $0, charges: users[$0]) }
  }

  package var userCount: Int { users.count }
}

extension Refusal.Detail {
  fileprivate init(shareOf table: SharedTable) {
    switch table {
    case .sessions: self = .shareOfSessions
    case .allocations: self = .shareOfAllocations
    case .hostFrames: self = .shareOfHostMemory
    case .waiters: self = .shareOfWaiters
    }
  }
}
