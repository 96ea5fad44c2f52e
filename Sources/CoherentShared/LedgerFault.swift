// Why a ledger is not believed. A daemon that meets one gives every session up: their data goes
// back to the programs whose it is.

package enum LedgerFault: Error, Equatable, Sendable, CustomStringConvertible {
  case noLedger
  case otherVersion(expected: UInt64, found: UInt64)
  case badHeader
  case wrongSize(expected: UInt64, found: UInt64)
  case badGeneration
  case badSession(slot: Int)
  case badBlock(Int)

  package var description: String {
    switch self {
    case .noLedger: "it is no ledger"
    case .otherVersion(let expected, let found):
      "it is of version \(found), this daemon reads version \(expected) of its own kind only"
    case .badHeader: "its header is damaged"
    case .wrongSize(let expected, let found): "it has \(found) bytes, expected are \(expected)"
    case .badGeneration: "the number of daemons that it counts is damaged"
    case .badBlock(let block): "the entry of memory block \(block) is damaged"
    case .badSession(let slot): "the entry of session slot \(slot) is damaged"
    }
  }
}
