// By what the rows of `top` are sorted, and with which key. The most comes first, of names and
// numbers of processes the least.
import ArgumentParser

enum TopOrder: String, CaseIterable, ExpressibleByArgument {
  case device
  case host
  case stored
  case pinned
  case faults
  case evictions
  case stall
  case process
  case user

  /// What is pressed for it.
  var key: Character {
    switch self {
    case .device: "d"
    case .host: "h"
    case .stored: "s"
    case .pinned: "p"
    case .faults: "f"
    case .evictions: "e"
    case .stall: "t"
    case .process: "n"
    case .user: "u"
    }
  }

  init?(key: Character) {
    guard let order = Self.allCases.first(where: { $0.key == key }) else { return nil }
    self = order
  }

  /// Whether the least comes first, where it is not reversed.
  var isAscending: Bool { self == .process || self == .user }

  /// Whatever is equal stays in the order of the sessions' numbers, so that rows do not jump.
  func sorted(_ rows: [TopRow], isReversed: Bool) -> [TopRow] {
    let sorted = rows.sorted { first, second in
      if isBefore(first, second) { return true }
      if isBefore(second, first) { return false }
      return first.session.session.rawValue < second.session.session.rawValue
    }
    return isReversed ? sorted.reversed() : sorted
  }

  private func isBefore(_ first: TopRow, _ second: TopRow) -> Bool {
    let (one, other) = (first.session, second.session)
    return switch self {
    case .device: one.deviceBytes > other.deviceBytes
    case .host: one.hostBytes > other.hostBytes
    case .stored: one.storedBytes > other.storedBytes
    case .pinned: one.pinnedBytes > other.pinnedBytes
    case .faults: first.faultsPerSecond ?? -1 > second.faultsPerSecond ?? -1
    case .evictions: first.evictionsPerSecond ?? -1 > second.evictionsPerSecond ?? -1
    case .stall: first.stallPercent ?? -1 > second.stallPercent ?? -1
    case .process: one.process < other.process
    case .user: one.user < other.user
    }
  }
}
