// The requests of one connection that are under way: a fixed table with a slot for each, as many as
// the daemon allows. A slot is taken for a request and given back when its reply was taken, or, if
// the caller gave up, when its reply came late. Plain values; the connection's lock guards it.

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
    var kind = MessageKind.hello
    var generation: UInt32 = 0
    var isAsleep = false
  }

  /// What became of a reply.
  enum Delivery: Equatable {
    /// It is the caller's of this slot, who is asleep or not.
    case answered(slot: Int, isAsleep: Bool)
    /// It came late, and what it granted must be given back with this request.
    case givesBack(Request, RequestID)
    /// It came late and granted nothing.
    case late
    /// Nobody asked for it.
    case unasked
  }

  private var slots: [Slot]
  private var freeSlots: [Int]

  init(capacity: Int) {
    slots = Array(repeating: Slot(), count: capacity)
    freeSlots = Array((0..<capacity).reversed())
  }

  var capacity: Int { slots.count }

  /// Takes a slot for a request and numbers it, the slot in the low half of the number; nil if all
  /// are taken.
  mutating func enter(_ kind: MessageKind) -> RequestID? {
    guard let index = freeSlots.popLast() else { return nil }
    slots[index].phase = .waiting
    return renumber(index, kind)
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

  mutating func setAsleep(_ slot: Int, _ isAsleep: Bool) {
    slots[slot].isAsleep = isAsleep
  }

  /// A caller that sleeps and has no reply yet. Takes time in proportion to the table.
  var firstSleeper: Int? {
    slots.firstIndex { $0.isAsleep && $0.phase == .waiting }
  }

  mutating func deliver(_ request: RequestID, _ reply: Reply) -> Delivery {
    let index = Self.slot(of: request)
    guard index < slots.count, slots[index].generation == UInt32(request.rawValue >> 32),
      reply.kind == nil || reply.kind == slots[index].kind
    else { return .unasked }
    switch slots[index].phase {
    case .free, .answered:
      return .unasked
    case .waiting:
      slots[index].phase = .answered(reply)
      return .answered(slot: index, isAsleep: slots[index].isAsleep)
    case .abandoned:
      switch reply {
      case .allocated(let handle, _, _, _):
        return .givesBack(.free(handle), renumber(index, .free))
      case .pinned(let pin, _, _):
        return .givesBack(.unpin(pin), renumber(index, .unpin))
      default:
        release(index)
        return .late
      }
    }
  }

  private mutating func renumber(_ index: Int, _ kind: MessageKind) -> RequestID {
    slots[index].kind = kind
    slots[index].generation &+= 1
    return RequestID(rawValue: UInt64(slots[index].generation) << 32 | UInt64(index))
  }
}
