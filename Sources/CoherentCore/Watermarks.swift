// The watermarks as an administrator wrote them: so many frames of a device of a certain size, or a
// share of what is online at the moment. When blocks come and go, the frames that they mean follow.

package struct Watermarks: Equatable, Sendable {
  package enum Mark: Equatable, Sendable {
    /// Of a smaller device accordingly fewer, since they would be most of it, or more than that.
    case frames(Int, ofDevice: Int)
    case hundredthsOfPercent(Int)

    func frames(of total: Int) -> Int {
      switch self {
      case .frames(let count, let size):
        total >= size ? count : Int(Double(count) * Double(total) / Double(size))
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
        minimum: .frames(minimumFrames, ofDevice: onlineFrames),
        low: .frames(lowFrames, ofDevice: onlineFrames),
        high: .frames(highFrames, ofDevice: onlineFrames))
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
