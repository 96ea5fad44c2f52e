// When the daemon is to die: every second time at a moment that chance picks, else at one of its
// kill points, one after the other. The first time a point's first passage counts, later one that
// chance picks.

struct CrashSchedule {
  enum Death: Equatable {
    case atRandom(afterMilliseconds: Int)
    case atPoint(String, passage: Int)

    /// As the daemon's environment has it.
    var killPoint: String? {
      guard case .atPoint(let name, let passage) = self else { return nil }
      return "\(name):\(passage)"
    }

    var label: String {
      switch self {
      case .atRandom: "at random"
      case .atPoint(let name, _): name
      }
    }
  }

  private let points: [String]
  private var random: SeededGenerator
  private var number = 0
  /// What a daemon does not pass so often; most of these it passes once, when it starts.
  private var rare: Set<String> = []

  private static let longestMilliseconds = 80
  private static let latestPassage = 16

  init(points: [String], seed: UInt64) {
    self.points = points
    random = SeededGenerator(seed: seed)
  }

  mutating func next() -> Death {
    defer { number += 1 }
    if number % 2 == 0 || points.isEmpty {
      return .atRandom(afterMilliseconds: .random(in: 0...Self.longestMilliseconds, using: &random))
    }
    let turn = number / 2
    let point = points[turn % points.count]
    let isFirst = turn < points.count || rare.contains(point)
    let passage = isFirst ? 1 : Int.random(in: 2...Self.latestPassage, using: &random)
    return .atPoint(point, passage: passage)
  }

  /// The daemon did not get there as often as that.
  mutating func wasNotReached(_ death: Death) {
    if case .atPoint(let point, _) = death { rare.insert(point) }
  }
}
