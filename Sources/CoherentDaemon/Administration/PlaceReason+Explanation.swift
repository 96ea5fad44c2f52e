// The parts of an explanation as the administration module shows them: those that are alike for
// people are one, with the youngest of their times.

import CoherentControl
import CoherentCore
import CoherentWire

extension PlaceReason {
  /// `isOffline`: whether no memory block is online. O(parts²), and a history is short.
  static func list(
    _ parts: [Explanation.Part], isOffline: Bool, frameBytes: UInt64, _ clock: WallTime
  ) -> [PlaceReason] {
    var merged: [Explanation.Part] = []
    for part in parts {
      guard let index = merged.firstIndex(where: { isAlike($0, part) }) else {
        merged.append(part)
        continue
      }
      merged[index].frames += part.frames
      if let time = part.entry?.time, merged[index].entry.map({ $0.time < time }) ?? true {
        merged[index].entry = part.entry
      }
    }
    return merged.map { part in
      PlaceReason(
        place: word(part.place), bytes: UInt64(part.frames) * frameBytes,
        reason: ExplanationText.word(part.reason),
        text: ExplanationText.sentence(
          part, age: part.entry.map { clock.age(of: $0.time) } ?? "", isOffline: isOffline))
    }
  }

  /// Whether they read alike but for their times.
  private static func isAlike(_ part: Explanation.Part, _ other: Explanation.Part) -> Bool {
    part.place == other.place && part.reason == other.reason
      && ExplanationText.sentence(part, age: "") == ExplanationText.sentence(other, age: "")
  }

  private static func word(_ place: Place) -> String {
    switch place {
    case .untouched: "untouched"
    case .device: "device"
    case .host: "host"
    case .stored: "stored"
    case .evicting: "evicting"
    case .restoring: "restoring"
    }
  }
}
