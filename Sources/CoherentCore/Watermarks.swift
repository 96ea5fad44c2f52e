// The watermarks as an administrator wrote them: so many frames, or a share of what is online at the
// moment. When blocks come and go, the frames that they mean follow.

package struct Watermarks: Equatable, Sendable {
  package enum Mark: Equatable, Sendable {
    case frames(Int)
    case hundredthsOfPercent(Int)

    func frames(of total: Int) -> Int {
      switch self {
      case .frames(let count): count
      case .hundredthsOfPercent(let share): total * share / 10_000
      }
    }
  }

  package var minimum: Mark
  package var low: Mark
  package var high: Mark

  package init(minimum: Mark, low: Mark, high: Mark) {
    self.minimum = minimum
    self.low = low
    self.high = high
  }
}

extension CoreConfiguration {
  /// The watermarks as they are to follow what is online.
  var marks: Watermarks {
    watermarks
      ?? Watermarks(
        minimum: .frames(minimumFrames), low: .frames(lowFrames), high: .frames(highFrames))
  }

  /// The watermarks for a device of `usable` frames: each below the whole of it, so that no device
  /// is too small to be used.
  mutating func scale(_ marks: Watermarks, usable: Int) {
    func frames(_ mark: Watermarks.Mark) -> Int {
      max(min(mark.frames(of: usable), usable - 1), 0)
    }
    minimumFrames = frames(marks.minimum)
    lowFrames = frames(marks.low)
    highFrames = frames(marks.high)
  }
}
