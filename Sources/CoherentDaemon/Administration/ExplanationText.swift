// Why a part of an allocation is where it is, in words: one word for programs, one sentence for
// people, with the name of whoever did it where that is remembered.

import CoherentCore

package enum ExplanationText {
  package static func word(_ reason: Explanation.Reason) -> String {
    switch reason {
    case .reserved: "reserved"
    case .placed: "placed"
    case .restored: "restored"
    case .evicted: "evicted"
    case .empty: "empty"
    case .keptInHost: "kept-in-host"
    case .pinnedInHost: "long-term-pin"
    case .deviceWasFull: "device-full"
    }
  }

  /// `age` is the time since its entry, if there is one, as text; `isOffline`, whether no memory
  /// block is online.
  package static func sentence(
    _ part: Explanation.Part, age: String, isOffline: Bool = false
  ) -> String {
    let how = part.entry.map { "\(age) ago: \(HistoryText.reason($0))" }
    switch part.reason {
    case .reserved: return "a device frame is kept for it, and nothing has touched it yet"
    case .placed: return "it was touched, and not evicted since then as far as is remembered"
    case .restored: return "it was evicted, and came back\(how.map { " \($0)" } ?? "")"
    case .evicted:
      let text = how.map { "it was evicted \($0)" } ?? "it was evicted, earlier than is remembered"
      return isOffline ? "\(text); the device is offline now" : text
    case .empty:
      return "it reads as zero: nothing was written before its device frame was given away, or "
        + "its owner dropped what was there"
    case .keptInHost:
      return "it was moved to host memory on request, and stays until it is moved back"
    case .pinnedInHost: return "a long-term pin keeps it in host memory"
    case .deviceWasFull:
      if isOffline { return "the device is offline" }
      return "the device had no room when it was wanted\(how.map { ", \($0)" } ?? "")"
    }
  }
}
