// Who waits for the device, and for how long. A session stalls while one of its threads waits for a
// frame, or one of its requests for memory: to allocate, to pin or to migrate. Of the device we say
//
//   some   at least one session stalls
//   full   some, and every other session is idle: no work gets done
//
// Idle is who neither asked for anything, nor faulted, nor stalled for two seconds. Nothing here
// needs to be called when time passes: what was true since the last call is worked out by the next,
// from a list of the sessions that do not stall, the one that was active last at its head.

import CoherentWire

struct Stalls {
  /// Whoever was not active for so long holds up no work.
  static let idleNanoseconds: UInt64 = 2_000_000_000
  private static let nobody: Int32 = -1

  private struct Account {
    /// What it waits for at this moment.
    var waits: Int32 = 0
    var isListed = false
    var newer = Stalls.nobody
    var older = Stalls.nobody
    var since: UInt64 = 0
    var totalNanoseconds: UInt64 = 0
    var activeAt: UInt64 = 0
  }

  /// By the slot of the session.
  private var accounts: [Account] = []
  private var newest = Stalls.nobody
  private(set) var stalledSessions = 0
  private var some = StallMeter()
  private var full = StallMeter()
  /// Until when the meters know everything, and when their present period ends.
  private var knownUntil: UInt64 = 0
  private var periodEnd = StallMeter.periodNanoseconds

  // MARK: events

  /// The session of a slot begins to wait for one thing more. O(1).
  mutating func began(_ slot: Int, _ now: Instant) {
    reach(slot)
    accounts[slot].waits += 1
    guard accounts[slot].waits == 1 else { return }
    advance(now)
    if accounts[slot].isListed { unlink(slot) }
    accounts[slot].since = knownUntil
    stalledSessions += 1
  }

  /// It waits for one thing less. O(1).
  mutating func ended(_ slot: Int, _ now: Instant) {
    invariant(isStalled(slot), "a wait ends once")
    accounts[slot].waits -= 1
    guard accounts[slot].waits == 0 else { return }
    rest(slot, now)
    link(slot)
  }

  /// It asked for something, or touched what was there already. O(1).
  mutating func acted(_ slot: Int, _ now: Instant) {
    // Nobody stalls, so nothing is to be worked out: the next who does will.
    if stalledSessions == 0, newest == Int32(truncatingIfNeeded: slot) {
      accounts[slot].activeAt = max(now.nanoseconds, knownUntil)
      return
    }
    reach(slot)
    guard accounts[slot].waits == 0 else { return }
    advance(now)
    if newest == slot {
      accounts[slot].activeAt = knownUntil
      return
    }
    if accounts[slot].isListed { unlink(slot) }
    link(slot)
  }

  /// Its connection is over: it waits for nothing any more, and counts for nothing.
  mutating func closed(_ slot: Int, _ now: Instant) {
    reach(slot)
    if accounts[slot].waits > 0 {
      accounts[slot].waits = 0
      rest(slot, now)
    } else if accounts[slot].isListed {
      advance(now)
      unlink(slot)
    }
  }

  /// The slot is free for another session.
  mutating func forget(_ slot: Int) {
    guard slot < accounts.count else { return }
    invariant(
      accounts[slot].waits == 0 && !accounts[slot].isListed, "who is forgotten waits for nothing")
    accounts[slot] = Account()
  }

  private mutating func rest(_ slot: Int, _ now: Instant) {
    advance(now)
    stalledSessions -= 1
    accounts[slot].totalNanoseconds += knownUntil - accounts[slot].since
  }

  // MARK: questions

  func isStalled(_ slot: Int) -> Bool { slot < accounts.count && accounts[slot].waits > 0 }

  func waits(_ slot: Int) -> Int { slot < accounts.count ? Int(accounts[slot].waits) : 0 }

  /// How long a session stalled, until `now`.
  func totalNanoseconds(_ slot: Int, _ now: Instant) -> UInt64 {
    guard slot < accounts.count else { return 0 }
    let account = accounts[slot]
    let running = account.waits > 0 && now.nanoseconds > account.since
    return account.totalNanoseconds + (running ? now.nanoseconds - account.since : 0)
  }

  /// The averages are those of the last period that is over.
  mutating func status(_ now: Instant) -> (some: StallStatus, full: StallStatus) {
    advance(now)
    return (some.status, full.status)
  }

  // MARK: time

  /// Works out what was true until `now`. O(log time).
  private mutating func advance(_ now: Instant) {
    guard now.nanoseconds > knownUntil else { return }
    guard stalledSessions > 0 else { return elapse(to: now.nanoseconds, some: false, full: false) }
    let idleFrom =
      newest == Self.nobody ? 0 : accounts[Int(newest)].activeAt + Self.idleNanoseconds
    if idleFrom > knownUntil {
      elapse(to: min(idleFrom, now.nanoseconds), some: true, full: false)
    }
    if knownUntil < now.nanoseconds { elapse(to: now.nanoseconds, some: true, full: true) }
  }

  /// Nothing changed until `end`, which is later than what is known.
  private mutating func elapse(to end: UInt64, some isSome: Bool, full isFull: Bool) {
    if end < periodEnd {
      if isSome { some.add(nanoseconds: end - knownUntil) }
      if isFull { full.add(nanoseconds: end - knownUntil) }
      knownUntil = end
      return
    }
    let periods = (end - periodEnd) / StallMeter.periodNanoseconds
    let lastStart = periodEnd + periods * StallMeter.periodNanoseconds
    Self.pass(&some, isSome, periodEnd - knownUntil, periods, end - lastStart)
    Self.pass(&full, isFull, periodEnd - knownUntil, periods, end - lastStart)
    periodEnd = lastStart + StallMeter.periodNanoseconds
    knownUntil = end
  }

  private static func pass(
    _ meter: inout StallMeter, _ holds: Bool, _ rest: UInt64, _ periods: UInt64, _ begun: UInt64
  ) {
    if holds { meter.add(nanoseconds: rest) }
    meter.endPeriod()
    meter.passPeriods(periods, holds: holds)
    if holds { meter.add(nanoseconds: begun) }
  }

  // MARK: the list

  private mutating func reach(_ slot: Int) {
    while accounts.count <= slot { accounts.append(Account()) }
  }

  private mutating func link(_ slot: Int) {
    accounts[slot].activeAt = knownUntil
    accounts[slot].isListed = true
    accounts[slot].newer = Self.nobody
    accounts[slot].older = newest
    if newest != Self.nobody { accounts[Int(newest)].newer = Int32(slot) }
    newest = Int32(slot)
  }

  private mutating func unlink(_ slot: Int) {
    let account = accounts[slot]
    if account.newer == Self.nobody {
      newest = account.older
    } else {
      accounts[Int(account.newer)].older = account.older
    }
    if account.older != Self.nobody { accounts[Int(account.older)].newer = account.newer }
    accounts[slot].isListed = false
  }

  /// Recounts everything. O(sessions).
  func checkInvariants() {
    invariant(
      stalledSessions == accounts.count { $0.waits > 0 }, "the sessions that stall are counted")
    var listed = 0
    var activeAt = UInt64.max
    var slot = newest
    while slot != Self.nobody {
      let account = accounts[Int(slot)]
      invariant(account.isListed && account.waits == 0, "who stalls is in no list of the active")
      invariant(account.activeAt <= activeAt, "who was active last stands first")
      activeAt = account.activeAt
      listed += 1
      slot = account.older
    }
    invariant(listed == accounts.count { $0.isListed }, "the list is whole")
  }
}
