// Why a session's table is not believed. Whoever reads one gives the session up, and guesses
// nothing.

package enum TableFault: Error, Equatable, Sendable, CustomStringConvertible {
  case noTable
  case otherLayout(expected: UInt64, found: UInt64)
  case badHeader
  /// The file is not as long as its header says, or not of the geometry that it should have.
  case wrongSize(expected: UInt64, found: UInt64)
  case otherSession(expected: UInt32, found: UInt32)
  case badAllocation(slot: Int)
  case badPin(slot: Int)
  case badFrame(Int)

  package var description: String {
    switch self {
    case .noTable: "it is no session table"
    case .otherLayout(let expected, let found):
      "its layout is \(String(found, radix: 16)), this version reads "
        + String(expected, radix: 16)
    case .badHeader: "its header is damaged"
    case .wrongSize(let expected, let found): "it has \(found) bytes, expected are \(expected)"
    case .otherSession(let expected, let found): "it is session \(found)'s, not \(expected)'s"
    case .badAllocation(let slot): "the record of allocation slot \(slot) is damaged"
    case .badPin(let slot): "the record of pin slot \(slot) is damaged"
    case .badFrame(let index): "frame \(index) is in no place there is"
    }
  }
}
