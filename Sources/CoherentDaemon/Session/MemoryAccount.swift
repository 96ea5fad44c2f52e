// What the kernel counts of a session's memory file against what the core accounts for. The two are
// read at different moments, so a difference counts only when it was there before, too. Pure.

struct MemoryAccount: Equatable {
  enum Verdict: Equatable {
    case sound
    /// Over the limit for the second time in a row: the client is told.
    case tell
    /// It was told, and holds too much still.
    case end
  }

  /// What the file held when it was looked at last.
  private(set) var kernelBytes: UInt64 = 0
  /// How much of that nothing accounts for.
  private(set) var unaccountedBytes: UInt64 = 0
  /// Looks in a row that were over the limit.
  private var excesses = 0

  /// Takes one look. `accountedBytes` is the most that the session has a right to. One between two
  /// regular looks refreshes the numbers, and judges nobody.
  mutating func look(
    kernelBytes: UInt64, accountedBytes: UInt64, limitBytes: UInt64, isRegular: Bool = true
  ) -> Verdict {
    self.kernelBytes = kernelBytes
    unaccountedBytes = kernelBytes > accountedBytes ? kernelBytes - accountedBytes : 0
    guard unaccountedBytes > limitBytes else {
      excesses = 0
      return .sound
    }
    guard isRegular else { return .sound }
    excesses += 1
    switch excesses {
    case 1: return .sound
    case 2: return .tell
    default: return .end
    }
  }
}
