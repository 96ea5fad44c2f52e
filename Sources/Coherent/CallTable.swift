// The requests of one connection that are under way: a fixed table with a slot for each, as many as
// the daemon allows. A slot is taken for a request and given back when its reply was taken, or, if
// the caller gave up, when its reply came late. Plain values; the connection's lock guards it.
//
// A daemon that takes the connection over after another one has died may have read a request or
// not, and may answer it twice. So each request is kept until its reply has come, and sent again.

import CoherentWire

struct CallTable {
  private enum Phase: Equatable {
    case free
    /// The caller is on its way to read replies, or sleeps until somebody else has read its own.
    case waiting
    case answered(Reply)
    /// Nobody waits any more; the reply is still owed by the daemon.
    case abandoned
  }

  private struct Slot {
    var phase = Phase.free
    var request = Request.statistics
    var generation: UInt32 = 0
    var isAsleep = false
    var isSent = false
    var isRepeated = false
    /// By when a reply is due, and how long that is after the request.
    var deadline: UInt64 = 0
    var boundNanoseconds: UInt64 = 0
  }

  /// What became of a reply.
  enum Delivery: Equatable {
    /// It is the caller's of this slot, who is asleep or not.
    case answered(slot: Int, isAsleep: Bool)
    /// It came late, and what it granted must be given back with the request that has this number
    /// now.
    case givesBack(RequestID)
    /// It is a second reply, and what it granted must be given back with this request.
    case owes(Request)
    /// It came late and granted nothing.
    case late
    /// Nobody asked for it.
    case unasked
  }

  private var slots: [Slot]
  private var freeSlots: [Int]
  /// Requests that were sent twice and whose first reply was a refusal: a second one may grant. At
  /// most as many as there are slots, the latest.
  private var refusedRepeats: [RequestID] = []
  /// Whether any daemon has taken the connection over.
  private var hasRecovered = false

  init(capacity: Int) {
    slots = Array(repeating: Slot(), count: capacity)
    freeSlots = Array((0..<capacity).reversed())
  }

  var capacity: Int { slots.count }

  /// Takes a slot for a request and numbers it, the slot in the low half of the number; nil if all
  /// are taken.
  mutating func enter(
    _ request: Request, deadline: UInt64 = 0, boundNanoseconds: UInt64 = 0
  ) -> RequestID? {
    guard let index = freeSlots.popLast() else { return nil }
    slots[index].phase = .waiting
    slots[index].deadline = deadline
    slots[index].boundNanoseconds = boundNanoseconds
    return renumber(index, request)
  }

  /// A request that nobody waits for; nil if all slots are taken.
  mutating func enterAbandoned(_ request: Request) -> RequestID? {
    guard let id = enter(request) else { return nil }
    slots[Self.slot(of: id)].phase = .abandoned
    return id
  }

  static func slot(of request: RequestID) -> Int { Int(request.rawValue & 0xFFFF_FFFF) }

  /// Takes the reply out and gives the slot back; nil if there is none yet.
  mutating func takeReply(_ slot: Int) -> Reply? {
    guard case .answered(let reply) = slots[slot].phase else { return nil }
    release(slot)
    return reply
  }

  /// Gives the slot of a request back that was never sent, or whose connection has ended.
  mutating func release(_ slot: Int) {
    slots[slot].phase = .free
    freeSlots.append(slot)
  }

  /// The caller gives up; the slot stays taken until the reply has come.
  mutating func abandon(_ slot: Int) {
    slots[slot].phase = .abandoned
  }

  /// By when the reply is due.
  func deadline(_ slot: Int) -> UInt64 { slots[slot].deadline }

  mutating func setAsleep(_ slot: Int, _ isAsleep: Bool) {
    slots[slot].isAsleep = isAsleep
  }

  /// A caller that sleeps and has no reply yet. Takes time in proportion to the table.
  var firstSleeper: Int? {
    slots.firstIndex { $0.isAsleep && $0.phase == .waiting }
  }

  mutating func deliver(_ request: RequestID, _ reply: Reply) -> Delivery {
    guard let index = open(request) else { return hasRecovered ? second(request, reply) : .unasked }
    guard reply.kind == nil || reply.kind == slots[index].request.kind else { return .unasked }
    if slots[index].isRepeated, case .refused = reply { noteRefused(request) }
    switch slots[index].phase {
    case .free, .answered:
      return .unasked
    case .waiting:
      slots[index].phase = .answered(reply)
      return .answered(slot: index, isAsleep: slots[index].isAsleep)
    case .abandoned:
      switch reply {
      case .allocated, .pinned:
        return .givesBack(renumber(index, Self.giveBack(reply)!))
      default:
        release(index)
        return .late
      }
    }
  }

  private mutating func renumber(_ index: Int, _ request: Request) -> RequestID {
    slots[index].request = request
    slots[index].isSent = false
    slots[index].isRepeated = false
    slots[index].generation &+= 1
    return number(index)
  }

  private func number(_ index: Int) -> RequestID {
    RequestID(rawValue: UInt64(slots[index].generation) << 32 | UInt64(index))
  }

  /// The slot of a request that has had no reply; nil if there is none.
  private func open(_ request: RequestID) -> Int? {
    let index = Self.slot(of: request)
    guard index < slots.count, number(index) == request else { return nil }
    return slots[index].phase == .waiting || slots[index].phase == .abandoned ? index : nil
  }

  private static func giveBack(_ reply: Reply) -> Request? {
    switch reply {
    case .allocated(let handle, _, _, _): .free(handle)
    case .pinned(let pin, _, _): .unpin(pin)
    default: nil
    }
  }
}

// MARK: Requests that are sent again

extension CallTable {
  /// Its packet is with the socket. True if another daemon has taken over since it was numbered, so
  /// that it may have been lost and has to be sent again.
  mutating func setSent(_ slot: Int) -> Bool {
    slots[slot].isSent = true
    return slots[slot].isRepeated
  }

  /// Another daemon has taken over: everything that has no reply yet is sent again, and has as much
  /// time for its reply as at first. A caller that is on its way to the socket is told by
  /// `setSent`.
  mutating func recover(now: UInt64) -> [(id: RequestID, isRepeat: Bool)] {
    hasRecovered = true
    var again: [(id: RequestID, isRepeat: Bool)] = []
    for index in slots.indices {
      guard slots[index].phase == .waiting || slots[index].phase == .abandoned else { continue }
      slots[index].isRepeated = true
      slots[index].deadline = max(
        slots[index].deadline, now + slots[index].boundNanoseconds)
      let isSent = slots[index].isSent
      // What nobody waits for and was not sent is sent now.
      if isSent || slots[index].phase == .abandoned {
        again.append((number(index), isRepeat: isSent))
      }
    }
    return again
  }

  /// What a number stands for; nil if it needs no reply any more.
  func request(_ id: RequestID) -> Request? {
    open(id).map { slots[$0].request }
  }

  /// A reply to a number that has had one, or has none to come. The first one settled the request,
  /// but where it was a refusal and this one grants.
  private mutating func second(_ request: RequestID, _ reply: Reply) -> Delivery {
    guard Self.slot(of: request) < slots.count else { return .unasked }
    if let giveBack = Self.giveBack(reply),
      let index = refusedRepeats.firstIndex(of: request)
    {
      refusedRepeats.remove(at: index)
      return .owes(giveBack)
    }
    return .late
  }

  private mutating func noteRefused(_ request: RequestID) {
    if refusedRepeats.count == slots.count { refusedRepeats.removeFirst() }
    refusedRepeats.append(request)
  }
}
