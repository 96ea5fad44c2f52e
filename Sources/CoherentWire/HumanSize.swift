// A size in bytes as people read it: "12 bytes", "64 KiB", "1.5 GiB".

package struct HumanSize: CustomStringConvertible, Sendable {
  package let bytes: UInt64

  package init(_ bytes: UInt64) { self.bytes = bytes }

  /// One decimal at most, rounded down, so that what is shown is never more than there is.
  package var description: String {
    guard bytes >= 1024 else { return bytes == 1 ? "1 byte" : "\(bytes) bytes" }
    let units = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
    let power = (63 - bytes.leadingZeroBitCount) / 10
    let unit: UInt64 = 1 << UInt64(power * 10)
    let tenths = (bytes % unit) / (unit / 1024) * 10 / 1024
    return "\(bytes / unit)" + (tenths == 0 ? "" : ".\(tenths)") + " " + units[power - 1]
  }
}
