// What may stand behind the equals sign of a key: its form and its range. It is owned by the
// table's rows. It turns text into a value or says what it would have accepted; it may never trap,
// whatever the text.

import CoherentSystem
import CoherentWire

package enum ConfigurationKind: Equatable, Sendable {
  case size(ClosedRange<UInt64>)
  case powerOfTwoSize(ClosedRange<UInt64>)
  /// A percentage in hundredths up to the first number, or a size up to the second.
  case share(maximumHundredths: UInt64, maximumBytes: UInt64)
  /// A time in milliseconds.
  case time(ClosedRange<UInt64>)
  case count(ClosedRange<UInt64>)
  case flag
  /// The path of a Unix socket.
  case socketPath
  /// File permission bits, in octal.
  case mode
  /// A group's name or number; nothing at all stands for the daemon's own group.
  case group
  case logLevel
  /// The number of a NUMA node; nothing at all stands for none.
  case node
  case hugePages

  /// sockaddr_un's path holds 108 bytes, the last of them NUL (unix(7)).
  static let maximumSocketPathBytes = 107
  /// The longest name that useradd(8) and sysusers.d(5) accept.
  static let maximumGroupNameBytes = 31

  /// The value that a text stands for, or nil where it is not what this kind expects.
  package func value(of text: Substring) -> ConfigurationValue? {
    switch self {
    case .size(let range):
      return SizeText.parse(text).flatMap { range.contains($0) ? .bytes($0) : nil }
    case .powerOfTwoSize(let range):
      guard let bytes = SizeText.parse(text), range.contains(bytes), bytes.nonzeroBitCount == 1
      else { return nil }
      return .bytes(bytes)
    case .share(let maximumHundredths, let maximumBytes):
      guard let share = MemoryShare.parse(text) else { return nil }
      switch share {
      case .bytes(let bytes): return bytes <= maximumBytes ? .share(share) : nil
      case .hundredthsOfPercent(let part): return part <= maximumHundredths ? .share(share) : nil
      }
    case .time(let range):
      return TimeText.parse(text).flatMap { range.contains($0) ? .milliseconds($0) : nil }
    case .count(let range):
      return DecimalText.parse(text).flatMap { range.contains($0) ? .count($0) : nil }
    case .flag: return Self.flag(text).map { .flag($0) }
    case .socketPath: return Self.isSocketPath(text) ? .text(String(text)) : nil
    case .mode:
      guard (3...4).contains(text.utf8.count), DecimalText.parse(text) != nil,
        let mode = UInt32(text, radix: 8), mode <= 0o777
      else { return nil }
      return .mode(mode)
    case .group: return Self.isGroup(text) ? .text(String(text)) : nil
    case .logLevel: return LogLevel(rawValue: String(text)).map { .level($0) }
    case .node:
      if text.isEmpty { return .node(nil) }
      guard let node = DecimalText.parse(text), node < UInt64(NodeSet.maximumNodes) else {
        return nil
      }
      return .node(Int(node))
    case .hugePages: return HugePages(rawValue: String(text)).map { .hugePages($0) }
    }
  }

  /// What is expected, as the end of a sentence: "a power of two from 4K to 2M".
  package var expectation: String {
    switch self {
    case .size(let range):
      return "a size from \(SizeText.render(range.lowerBound)) to "
        + "\(SizeText.render(range.upperBound)) (bytes, or with K, M, G, T)"
    case .powerOfTwoSize(let range):
      return "a power of two from \(SizeText.render(range.lowerBound)) to "
        + SizeText.render(range.upperBound)
    case .share(let maximumHundredths, let maximumBytes):
      return "a percentage from 0% to "
        + "\(MemoryShare.hundredthsOfPercent(maximumHundredths).render()), or a size up to "
        + SizeText.render(maximumBytes)
    case .time(let range):
      return "a time from \(TimeText.render(range.lowerBound)) to "
        + "\(TimeText.render(range.upperBound)) (ms, s, min, h)"
    case .count(let range):
      return "a whole number from \(range.lowerBound) to \(range.upperBound)"
    case .flag: return "yes or no"
    case .socketPath:
      return
        "an absolute path of at most \(Self.maximumSocketPathBytes) bytes, without . or .. in it"
    case .mode: return "permission bits in octal, from 0000 to 0777"
    case .group: return "the name or number of a group, or nothing for the daemon's own"
    case .logLevel:
      return "one of " + LogLevel.allCases.map(\.rawValue).joined(separator: ", ")
    case .node:
      return "the number of a node, at most \(NodeSet.maximumNodes - 1), or nothing for none"
    case .hugePages: return HugePages.allCases.map(\.rawValue).joined(separator: " or ")
    }
  }

  /// The words that systemd takes for a boolean (systemd.syntax(7)).
  private static func flag(_ text: Substring) -> Bool? {
    switch text.lowercased() {
    case "yes", "y", "true", "t", "on", "1": true
    case "no", "n", "false", "f", "off", "0": false
    default: nil
    }
  }

  private static func isSocketPath(_ text: Substring) -> Bool {
    guard text.utf8.first == UInt8(ascii: "/"), text.utf8.count <= maximumSocketPathBytes else {
      return false
    }
    let components = text.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
    return components.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }
      && text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
  }

  private static func isGroup(_ text: Substring) -> Bool {
    guard let first = text.utf8.first else { return true }
    // The last number, (gid_t) -1, means "no change" to chown(2).
    if let number = DecimalText.parse(text) { return number < UInt64(UInt32.max) }
    let isLetter = { (byte: UInt8) in (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7A }
    return text.utf8.count <= maximumGroupNameBytes
      && (isLetter(first) || first == UInt8(ascii: "_"))
      && text.utf8.allSatisfy { byte in
        isLetter(byte) || (byte >= 0x30 && byte <= 0x39) || byte == UInt8(ascii: "_")
          || byte == UInt8(ascii: "-")
      }
  }
}
