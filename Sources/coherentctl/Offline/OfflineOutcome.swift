// What came of taking blocks offline, block by block; also what `--json` prints.
import CoherentControl

struct OfflineOutcome: Encodable {
  /// Offline, and by this order.
  var changed: [Int] = []
  /// Offline before it.
  var already: [Int] = []
  /// Online again although they were to go.
  var failed: [Stayed] = []
  /// On their way by somebody else's order, when this one was interrupted.
  var goingOffline: [Int] = []
  /// Interrupted: those that are back online for it, and those that are not.
  var restored: [Int] = []
  var unrestored: [Unrestored] = []

  enum CodingKeys: String, CodingKey {
    case changed
    case already
    case failed
    case goingOffline = "going_offline"
    case restored
    case unrestored = "not_restored"
  }

  /// A block that stayed online, as it is now.
  struct Stayed: Encodable, Equatable {
    var block: Int
    var state: BlockState
    var lastFailure: BlockFailure?
    /// Who pinned some of it when it was seen last while it was going offline.
    var holders: [PinHolderReport] = []
    /// It was going offline before this order, with a time of its own.
    var wasGoingOffline = false

    enum CodingKeys: String, CodingKey {
      case block
      case state
      case lastFailure = "last_failure"
      case holders
      case wasGoingOffline = "was_going_offline"
    }
  }

  /// A block that was to be put back online, and is not.
  struct Unrestored: Encodable, Equatable {
    var block: Int
    /// As it was seen last.
    var state: BlockState
    /// Why, as a sentence.
    var message: String

    enum CodingKeys: String, CodingKey { case block, state, message }
  }
}
