// A device that has no memory online, which is its driver removed: what there would be.
import CoherentControl
import CoherentWire

enum OfflineDeviceText {
  static func sentence(_ report: StatusReport, _ style: Style) -> String {
    guard report.blocks > 0 else { return "offline: no memory block is known" }
    let size = style.proseSize(report.capacityBytes)
    return "offline: \(size) in \(PluralText.count(report.blocks, "block")) could be brought online"
  }
}
