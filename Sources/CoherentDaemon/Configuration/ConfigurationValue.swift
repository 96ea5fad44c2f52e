// The value of one setting, in base units: bytes, milliseconds, a number. It is made by a kind
// from text, and can be written as text that the same kind reads back as the same value.

import CoherentWire

package enum ConfigurationValue: Equatable, Sendable {
  case bytes(UInt64)
  case share(MemoryShare)
  case milliseconds(UInt64)
  case count(UInt64)
  case flag(Bool)
  case mode(UInt32)
  case text(String)
  case level(LogLevel)
  case node(Int?)
  case hugePages(HugePages)

  /// The text of it in a configuration file.
  package func render() -> String {
    switch self {
    case .bytes(let bytes): return SizeText.render(bytes)
    case .share(let share): return share.render()
    case .milliseconds(let milliseconds): return TimeText.render(milliseconds)
    case .count(let count): return String(count)
    case .flag(let flag): return flag ? "yes" : "no"
    case .mode(let mode):
      let digits = String(mode, radix: 8)
      return String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits
    case .text(let text): return text
    case .level(let level): return level.rawValue
    case .node(let node): return node.map(String.init) ?? ""
    case .hugePages(let pages): return pages.rawValue
    }
  }
}
