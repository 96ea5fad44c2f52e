// The deterministic heart of the daemon. Events go in (a request, a fault, a finished job, the
// passing of time), effects come out; nothing else is read or touched, so the same events give the
// same effects, under the daemon, a simulator or a replayer.
//
//   request ─┐                        ┌─> reply
//   fault ───┼─> Core (one struct) ───┼─> job for a pager ──> completed(job) ─┐
//   tick ────┤                        └─> end of a session                    │
//            └────────────────────────────────────────────────────────────────┘
//
// What may never happen: a frame in two states, a wait without a deadline, an eviction without
// room in the host store, device memory that nobody accounts for.

import CoherentWire

package struct Core {
  package internal(set) var configuration: CoreConfiguration
  var region: Region
  /// What the configuration's follow.
  var watermarks: Watermarks
  var sessions: SessionTable
  /// Those whose client holds up their threads.
  var heldUpSessions: [SessionID] = []
  var waiters: SlotTable<Waiter>
  /// Waiters that need free device frames, in the order of their coming.
  var frameQueue: [UInt64] = []
  var deadlines = DeadlineQueue()
  /// Who has how much of what all share.
  var users = UserTable()
  /// Frames admitted with a right to be evicted: each has room in the host reserved.
  package var hostReservedFrames: Int { users.total[.hostFrames] }
  /// How many of these the memory that there is allows, by the last look at it, and whose it is.
  var hostMemoryFrames = Int.max
  var hostMemoryIsGroups = false
  /// What these may reach: the host's limit, or more if the limit was lowered below them.
  var hostCeilingFrames: Int
  package var allocationCount: Int { users.total[.allocations] }
  /// Freed, and not given back yet.
  var dyingAllocations = 0
  var dyingFrames = 0
  package internal(set) var counters = Counters()
  /// Background eviction runs until free frames reach the high watermark.
  package internal(set) var isUnderPressure = false
  /// The daemon is stopping: nothing is granted any more, and nothing evicted.
  package internal(set) var isStopping = false
  /// Stale copies are kept for a while after this.
  var lastEvictionAt = Instant(nanoseconds: 0)
  /// Somebody waits for frames that only the end of a pin can free.
  var framesAreShort = false
  /// Waiting pins that stand behind somebody who waits for the pins that are there.
  var pinsBehind = 0
  /// Control words that were lent out, oldest first; those taken back meanwhile are passed over.
  var openWords = Queue<OpenWord>()
  var wordOpenings: UInt64 = 0
  /// Words lent out by all sessions, and those among them that an eviction waits for.
  var lentWords = 0
  var closingWords = 0
  var wordOperations = Queue<WordOperation>()
  /// Work that was put off to events of its own, and whether the next of these is due.
  var pieces = Queue<Piece>()
  var isPieceDue = false
  /// Whose words were answered; orders to evict that wait until all words are.
  var answeredSessions: [SessionID] = []
  var ordersAwaitWords = false
  /// Whether a sweep is due; the sessions that the present one has not seen, the next first to go,
  /// from which word on, and how many more in this event.
  var isSweeping = false
  var sweepSessions: [SessionID] = []
  var sweepWord = 0
  var sweepBudget = 0
  var ledgerOperations: [LedgerOperation] = []
  /// Idle frames that may still be asked back in this event.
  var sweepIdleBudget = 0
  /// Sessions are looked at in turn when there is room to bring host frames back.
  var promotionSlot = 0
  var promotionCursor = 0
  /// When the present event came, and why it moves frames, if it does.
  var eventTime = Instant(nanoseconds: 0)
  var because = Origin()
  /// Who took a device frame last; who took one while there were too few.
  var lastTaker: SessionID?
  var pressureOrigin = Origin(.pressure)
  var history = History()
  var stalls = Stalls()

  package init(_ configuration: CoreConfiguration) {
    region = Region(
      blocks: configuration.startingBlocks,
      of: configuration.blockFrames ?? configuration.onlineFrames,
      atMost: max(configuration.maximumBlocks, configuration.startingBlocks),
      configuration.startingKind)
    self.configuration = configuration
    watermarks = configuration.marks
    self.configuration.scale(watermarks, usable: region.usable)
    hostCeilingFrames = configuration.hostLimitFrames
    sessions = SessionTable(limit: configuration.maximumSessions)
    // Bounded by what may be asked: a session's requests under way, and an administrator's orders.
    waiters = SlotTable(limit: .max)
  }

  // MARK: sessions

  /// A number for a client that may become a session, which no other one has or had.
  mutating func takeSessionNumber() -> SessionID { sessions.takeNumber() }

  /// Refuses with `overLimit` beyond the configured number of sessions, and beyond the user's share
  /// of them.
  private mutating func checkAdmission(
    process: UInt32, user: UserID, _ now: Instant
  ) throws(Refusal) {
    see(now)
    do throws(Refusal) {
      try checkShare(user, .sessions, 1)
      guard !sessions.isFull else {
        throw refusal(
          .overLimit, .tooManySessions, asked: UInt64(sessions.count + 1),
          limit: UInt64(sessions.limit))
      }
    } catch {
      noteRefused(error, of: nil, process: process)
      throw error
    }
  }

  /// A number for a client that would be admitted now.
  package mutating func admissible(
    process: UInt32, user: UserID, _ now: Instant
  ) -> Result<SessionID, Refusal> {
    do throws(Refusal) {
      try checkAdmission(process: process, user: user, now)
      return .success(takeSessionNumber())
    } catch {
      return .failure(error)
    }
  }

  /// Admits a client: it is a session from now on. `id` is the number that it was given before.
  package mutating func connect(
    _ id: SessionID? = nil, process: UInt32, user: UserID = .root, _ now: Instant
  ) -> Result<SessionID, Refusal> {
    do throws(Refusal) {
      try checkAdmission(process: process, user: user, now)
    } catch {
      return .failure(error)
    }
    let id = id ?? takeSessionNumber()
    sessions.insert(Session(id: id, process: process, user: user, configuration: configuration))
    users.charge(1, .sessions, to: user)
    if let slot = sessions.slot(of: id) { noteSession(slot, .began) }
    return .success(id)
  }

  /// The client's arena is registered: from now on it can allocate.
  package mutating func attached(_ id: SessionID) {
    guard let slot = sessions.slot(of: id) else { return }
    sessions[slot].isAttached = true
  }

  // MARK: time

  /// When `tick` wants to be called next.
  package var nextDeadline: Instant? { deadlines.earliest }

  /// Ends what has run out: leases, waits and pauses.
  package mutating func tick(_ now: Instant, _ effects: inout [Effect]) {
    see(now)
    while let due = deadlines.popDue(now) {
      switch due.subject {
      case .pin(let session, let pin):
        expirePin(SessionID(rawValue: session), pin, due.instant, now, &effects)
      case .waiter(let identifier):
        if let slot = waiters.slot(of: identifier), waiters[slot: slot].deadline <= now {
          timeOut(identifier, now, &effects)
        }
      case .pause(let session): resume(SessionID(rawValue: session), now, &effects)
      case .word(let session, let allocation):
        revokeWord(SessionID(rawValue: session), allocation, due.instant)
      case .sweep: sweep(now)
      case .piece: goOnWithPieces(now, &effects)
      case .block(let block): lookAgain(block, now, &effects)
      case .blockEnd(let block): giveUp(block, now, &effects)
      }
    }
    serveFrameQueue(now, &effects)
    promoteHostFrames(now, &effects)
    if region.hasCarvingWork { effects.append(.carve) }
  }

  /// Enters a bound, and now and then forgets those whose subject has ended.
  mutating func insertDeadline(_ subject: DeadlineQueue.Subject, at instant: Instant) {
    if deadlines.count > 1024, deadlines.count > 4 * (waiters.count + livePins + closingWords) {
      // Not a closure over the whole core: to ask that is to copy it, for each entry.
      let (sessions, waiters, blocks) = (sessions, waiters, region.blocks)
      deadlines.compact { Self.isAhead($0, sessions, waiters, blocks) }
    }
    deadlines.insert(subject, at: instant)
  }

  /// Whether what a deadline was set for has not ended.
  private static func isAhead(
    _ entry: DeadlineQueue.Entry, _ sessions: SessionTable, _ waiters: SlotTable<Waiter>,
    _ blocks: [MemoryBlock]
  ) -> Bool {
    switch entry.subject {
    case .waiter(let identifier): return waiters.slot(of: identifier) != nil
    case .pin(let session, let pin):
      guard let slot = sessions.slot(of: SessionID(rawValue: session)) else { return false }
      return sessions[slot].pins.slot(of: pin) != nil
    case .word(let session, let allocation):
      return closingSlot(SessionID(rawValue: session), allocation, entry.instant, sessions) != nil
    case .pause(let session): return sessions.slot(of: SessionID(rawValue: session)) != nil
    case .block(let block): return blocks[block].isLookDue
    case .blockEnd(let block):
      return blocks[block].state == .goingOffline && blocks[block].deadline == entry.instant
    case .sweep, .piece: return true
    }
  }

  private var livePins: Int {
    (0..<sessions.endSlot).reduce(0) {
      $0 + (sessions.holds(slot: $1) ? sessions[$1].pins.count : 0)
    }
  }

  // MARK: refusals

  /// Counts a refusal on its way out.
  mutating func refusal(
    _ reason: Refusal.Reason, _ detail: Refusal.Detail = .none, asked: UInt64 = 0,
    available: UInt64 = 0, limit: UInt64 = 0
  ) -> Refusal {
    counters.refusedRequests += 1
    return Refusal(reason, detail, asked: asked, available: available, limit: limit)
  }

  func bytes(_ frames: Int) -> UInt64 { UInt64(frames) * configuration.frameBytes }

  mutating func answer(_ requester: Requester, _ reply: Reply, _ effects: inout [Effect]) {
    switch requester {
    case .client(let session, let request):
      if case .refused(let refusal) = reply {
        noteRefused(refusal, of: sessions.slot(of: session))
      }
      effects.append(.reply(session, request, reply))
    case .administrator(let token):
      switch reply {
      case .refused(let refusal): effects.append(.administrated(token, .refused(refusal)))
      case .migrated(let moved, let already):
        effects.append(
          .administrated(
            token, .migrated(movedFrames: Int(moved), alreadyFrames: Int(already))))
      default: invariant(false, "an administrator is answered what an administrator asks")
      }
    }
  }
}
