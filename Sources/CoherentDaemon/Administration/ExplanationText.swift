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

  /// `age` is the time since its entry, if there is one, as text.
  package static func sentence(_ part: Explanation.Part, age: String) -> String {
    let how = part.entry.map { "\(age) ago: \(HistoryText.reason($0))" }
    return switch part.reason {
    case .reserved: "a device frame is kept for it, and nothing has touched it yet"
    case .placed: "it was touched, and not evicted since then as far as is remembered"
    case .restored: "it was evicted, and came back, the last of it \(how ?? "")"
    case .evicted:
      how.map { "it was evicted \($0)" } ?? "it was evicted, earlier than is remembered"
    case .empty:
      "it reads as zero: nothing was written before its device frame was given away, or its owner "
        + "dropped what was there"
    case .keptInHost: "it was moved to host memory on request, and stays until it is moved back"
    case .pinnedInHost: "a long-term pin keeps it in host memory"
    case .deviceWasFull:
      "the device had no room when it was wanted"
        + (part.entry.map { ", \(age) ago: \(HistoryText.reason($0))" } ?? "")
    }
  }
}
