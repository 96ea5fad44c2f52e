// Who pins what somebody wants to move, as part of a sentence.
import CoherentControl
import CoherentWire

enum PinHolderText {
  /// `process 4711 (session 1, 16 frames), …`.
  static func list(_ holders: [PinHolderReport]) -> String {
    holders.map { holder in
      "process \(holder.process) (session \(holder.session.rawValue), "
        + "\(PluralText.count(holder.frames, "frame")))"
    }.joined(separator: ", ")
  }
}
