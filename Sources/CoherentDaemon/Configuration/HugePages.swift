// Whether the device's memory is made of huge pages, and of which: the words that an administrator
// writes.

package enum HugePages: String, CaseIterable, Sendable {
  case no
  case twoMebibytes = "2M"

  /// Nil without huge pages.
  package var sizeBytes: UInt64? {
    switch self {
    case .no: nil
    case .twoMebibytes: 2 << 20
    }
  }
}
