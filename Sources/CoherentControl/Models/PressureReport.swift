// Which part of the time was lost to waiting for the device, as the kernel's pressure files say it:
// Documentation/accounting/psi.rst. These properties are the fields of `Stall` in the interface.

package struct PressureReport: Equatable, Sendable, Codable {
  /// The time in which at least one session waited.
  package var some = StallReport()
  /// The time in which all sessions that had something to do waited.
  package var full = StallReport()

  package init() {}

  enum CodingKeys: String, CodingKey, CaseIterable { case some, full }
}

package struct StallReport: Equatable, Sendable, Codable {
  /// Percent of the last 10, 60 and 300 seconds.
  package var average10 = 0.0
  package var average60 = 0.0
  package var average300 = 0.0
  package var totalMicroseconds: UInt64 = 0

  package init() {}

  enum CodingKeys: String, CodingKey, CaseIterable {
    case average10 = "avg10"
    case average60 = "avg60"
    case average300 = "avg300"
    case totalMicroseconds = "total_us"
  }
}
