// How much is written about whom: so many lines of a kind about one client in ten seconds. What is
// more is counted, and said in one line when the time is over. It is pure; the log brings the time.
// What may never happen: memory that grows with what clients do.

struct EventLimiter {
  struct Key: Hashable {
    /// One of the few that the program names.
    let kind: String
    /// The client's process; 0 for nobody in particular.
    let client: Int32
    /// Its user; nil for nobody in particular.
    var user: UInt32? = nil
  }

  /// What was left out of a window that is over: how many, and the last line that was written.
  struct Summary {
    let count: Int
    let record: LogRecord
  }

  private struct Window {
    let sinceNanoseconds: UInt64
    var written = 0
    var suppressed = 0
    var last: LogRecord?
  }

  static let windowNanoseconds: UInt64 = 10_000_000_000
  /// With so many clients in the log at a time, what others do is limited for all of them together.
  static let maximumKeys = 256
  /// So many of them are about one user; more of its clients share what is left to them.
  static let maximumKeysPerUser = 64

  private var windows: [Key: Window] = [:]
  private var earliest = UInt64.max

  /// Lines are missing that nobody was told of yet.
  private(set) var hasSuppressed = false

  /// The number of windows that are remembered. At most `maximumKeys` and one for each kind.
  var count: Int { windows.count }

  /// The key to write or to suppress by; nil if it is suppressed, and counted as that.
  mutating func admit(_ wanted: Key, burst: Int, now: UInt64) -> Key? {
    var key = wanted
    if windows[key] == nil {
      if let user = wanted.user, keys(of: user) >= Self.maximumKeysPerUser {
        key = Key(kind: wanted.kind, client: 0, user: user)
      }
      if windows[key] == nil, windows.count >= Self.maximumKeys {
        key = Key(kind: wanted.kind, client: 0)
      }
    }
    var window = windows[key] ?? Window(sinceNanoseconds: now)
    earliest = min(earliest, window.sinceNanoseconds)
    let writes = window.written < burst
    if writes {
      window.written += 1
    } else {
      window.suppressed += 1
      hasSuppressed = true
    }
    windows[key] = window
    return writes ? key : nil
  }

  /// How many windows are about single clients of a user. O(windows).
  private func keys(of user: UInt32) -> Int {
    windows.keys.count { $0.user == user && $0.client != 0 }
  }

  /// What was written for a key, to say later that there was more like it.
  mutating func wrote(_ record: LogRecord, for key: Key) { windows[key]?.last = record }

  /// Forgets the windows that are over, or all; what was left out of them is to be written now.
  mutating func takeSummaries(now: UInt64, ofAll: Bool = false) -> [Summary] {
    guard ofAll || (earliest != .max && now >= earliest + Self.windowNanoseconds) else { return [] }
    var summaries: [Summary] = []
    earliest = .max
    hasSuppressed = false
    windows = windows.filter { _, window in
      guard ofAll || now >= window.sinceNanoseconds + Self.windowNanoseconds else {
        earliest = min(earliest, window.sinceNanoseconds)
        if window.suppressed > 0 { hasSuppressed = true }
        return true
      }
      if window.suppressed > 0, let last = window.last {
        summaries.append(Summary(count: window.suppressed, record: last))
      }
      return false
    }
    return summaries
  }
}
