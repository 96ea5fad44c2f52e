// Places where the daemon may be made to die, so that tests find out what the next one makes of it.
// One is armed by COHERENTD_KILL_POINT=name or =name:N: the daemon ends, as by SIGKILL, the Nth
// time that it gets there. Unarmed, as it is except in tests, passing one costs a comparison.
//
// Between any two of them the daemon has done one thing that the next one can tell, and nothing
// else; what it finds is said beside each.

import CoherentSystem
import CoherentWire
import Synchronization

enum KillPoint: String, CaseIterable, Sendable {
  // Evicting. Until the table says `stored`, the arena is valid; from then on the host store is.
  /// The frames are as they were.
  case beforeProtect = "before-protect"
  /// Nobody can write to them any more; who tried waits, and is woken by the next daemon.
  case beforeCopyOut = "before-copy-out"
  /// The host store has a copy that nothing names.
  case afterCopyOut = "after-copy-out"
  /// The copy is named; the arena's pages are still mapped, for reading.
  case beforePunch = "before-punch"
  /// The core does not know yet that they are gone.
  case afterPunch = "after-punch"
  /// Committed; who waits was not woken.
  case afterEvict = "after-evict"

  // Restoring and filling. Until the table says `device` or `host`, what the arena holds is void.
  case beforeRestore = "before-restore"
  /// The arena holds them, and nothing says so.
  case afterRestoreCopy = "after-restore-copy"
  /// Committed; not mapped, nobody was woken.
  case afterRestore = "after-restore"
  case beforeFill = "before-fill"
  case afterFillCopy = "after-fill-copy"
  case afterFill = "after-fill"

  // Giving back what is discarded or freed. The table has let go of it before.
  case beforeDiscard = "before-discard"
  /// The arena's pages are punched, the host store's not.
  case betweenDiscards = "between-discards"
  case afterDiscard = "after-discard"

  // Writing down what the core decided, and saying it. What was not written was not said.
  case beforeNote = "before-note"
  /// The first of several operations is written.
  case betweenNotes = "between-notes"
  case afterNote = "after-note"
  case beforeAllocateReply = "before-allocate-reply"
  case afterAllocateReply = "after-allocate-reply"
  case beforeFreeReply = "before-free-reply"
  case afterFreeReply = "after-free-reply"
  case beforePinReply = "before-pin-reply"

  // Attaching. A session is kept before its client is told that it is attached.
  /// Nothing keeps the session: its client sees a hang-up.
  case beforeKeep = "before-keep"
  /// It stands in the ledger; its descriptors are not stored.
  case betweenKeeps = "between-keeps"
  /// Kept; the client was not told.
  case beforeAttachReply = "before-attach-reply"
  case afterAttachReply = "after-attach-reply"

  // Ending a session. It leaves the ledger before anything of it is given back.
  case beforeLedgerEnd = "before-ledger-end"
  /// Its descriptors are still stored: the next daemon drops them.
  case beforeStoreEnd = "before-store-end"
  case afterStoreEnd = "after-store-end"

  // Carving. A frame is marked as filled only while it is.
  case beforeCarve = "before-carve"
  case betweenCarves = "between-carves"
  case afterCarve = "after-carve"

  // Blocks. One is online only when the ledger says so, after its memory was committed.
  /// Its memory is committed, and it is offline: the next daemon gives it back.
  case afterBlockCommit = "after-block-commit"
  case afterBlockOnline = "after-block-online"

  // Recovering. Whatever of it was done may be done again.
  /// What is dead is punched.
  case afterCleaning = "after-cleaning"
  case beforeReady = "before-ready"

  static let variable = "COHERENTD_KILL_POINT"

  /// Dies here, if it is armed and it is the time for it.
  static func reached(_ point: KillPoint) {
    guard let armed = Self.armed, armed.point == point else { return }
    if armed.passages.subtract(1, ordering: .relaxed).newValue == 0 { Process.killItself() }
  }

  /// What a value of the variable arms; nil if that names nothing, or no time.
  static func parse(_ text: String) -> (point: KillPoint, passage: Int)? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard let point = parts.first.flatMap({ KillPoint(rawValue: String($0)) }), parts.count <= 2
    else { return nil }
    guard parts.count == 2 else { return (point, 1) }
    guard let passage = Int(parts[1]), passage > 0 else { return nil }
    return (point, passage)
  }

  private final class Armed: Sendable {
    let point: KillPoint
    /// Left until it dies.
    let passages: Atomic<Int>

    init(_ point: KillPoint, passage: Int) {
      self.point = point
      passages = Atomic(passage)
    }
  }

  private static let armed: Armed? = Environment.get(variable).flatMap(parse).map {
    Armed($0.point, passage: $0.passage)
  }
}

extension KillPoint {
  /// The point before a reply is sent, if it has one.
  init?(before reply: Reply) {
    switch reply {
    case .allocated: self = .beforeAllocateReply
    case .freed: self = .beforeFreeReply
    case .pinned: self = .beforePinReply
    default: return nil
    }
  }

  init?(after reply: Reply) {
    switch reply {
    case .allocated: self = .afterAllocateReply
    case .freed: self = .afterFreeReply
    default: return nil
    }
  }
}
