// The form of a configuration file, as systemd.syntax(7) has it: sections in brackets, one
// assignment a line, comments after # or ;, and a backslash at a line's end that joins the next
// line to it. It is pure, reads any bytes whatever, goes on after every mistake, and lists them
// all. What the names and values mean is no business of it.

import CoherentWire

struct ConfigurationSyntax {
  /// The longest line, before and after joining.
  static let maximumLineBytes = 4096

  private(set) var statements: [ConfigurationStatement] = []
  private(set) var problems: [ConfigurationProblem] = []
  private let path: String
  /// What has been joined so far, and the line on which it began; nil where nothing is open.
  private var joinedBytes: [UInt8] = []
  private var joinedLine: Int?

  /// Reads a whole file. Time is linear in its length.
  init(_ source: ConfigurationSource) {
    path = source.path
    guard source.bytes.count <= ConfigurationSource.maximumBytes else {
      problems.append(
        ConfigurationProblem(
          path: path, line: nil, found: "\(source.bytes.count) bytes",
          sentence: "expected at most \(SizeText.render(UInt64(ConfigurationSource.maximumBytes)))"
        ))
      return
    }
    let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let text = source.bytes.dropFirst(source.bytes.starts(with: byteOrderMark) ? 3 : 0)
    let lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() { readLine(Self.trimmed(line), number: index + 1) }
    endJoining()
  }

  /// Takes one line of the file, joins it to the ones before, and reads the result if it is whole.
  private mutating func readLine(_ line: ArraySlice<UInt8>, number: Int) {
    // A comment between two joined lines is left out, and a backslash cannot prolong it.
    if let first = line.first, first == UInt8(ascii: "#") || first == UInt8(ascii: ";") { return }
    joinedLine = joinedLine ?? number
    if Self.endsInBackslash(line) {
      joinedBytes += line.dropLast()
      joinedBytes.append(UInt8(ascii: " "))
    } else {
      joinedBytes += line
      endJoining()
    }
  }

  private mutating func endJoining() {
    guard let line = joinedLine else { return }
    let bytes = Self.trimmed(joinedBytes[...])
    if !bytes.isEmpty { readJoined(bytes, line: line) }
    joinedBytes.removeAll(keepingCapacity: true)
    joinedLine = nil
  }

  private mutating func readJoined(_ bytes: ArraySlice<UInt8>, line: Int) {
    guard bytes.count <= Self.maximumLineBytes else {
      return refuse(
        line, found: "\(bytes.count) bytes",
        "expected a line of at most \(Self.maximumLineBytes) bytes")
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      return refuse(line, found: "a line that is not valid UTF-8", "expected text in UTF-8")
    }
    guard !bytes.contains(0) else {
      return refuse(line, found: text, "expected text without NUL bytes")
    }
    readStatement(bytes, quoted: text, line: line)
  }

  /// Works on bytes: what a letter is joined with by Unicode must not hide an equals sign.
  private mutating func readStatement(_ bytes: ArraySlice<UInt8>, quoted: String, line: Int) {
    if bytes.first == UInt8(ascii: "[") {
      let name = bytes.dropFirst().dropLast()
      guard bytes.last == UInt8(ascii: "]"), !name.isEmpty,
        !name.contains(where: { $0 == UInt8(ascii: "[") || $0 == UInt8(ascii: "]") })
      else {
        return refuse(line, found: quoted, "expected the name of a section in brackets, [Name]")
      }
      statements.append(ConfigurationStatement(line: line, content: .section(Self.string(name))))
      return
    }
    guard let equals = bytes.firstIndex(of: UInt8(ascii: "=")) else {
      return refuse(line, found: quoted, "expected Key=Value; the equals sign is missing")
    }
    let name = Self.trimmed(bytes[..<equals])
    let value = Self.trimmed(bytes[(equals + 1)...])
    guard !name.isEmpty else {
      return refuse(line, found: quoted, "expected a key before the equals sign")
    }
    statements.append(
      ConfigurationStatement(
        line: line, content: .assignment(name: Self.string(name), value: Self.string(value))))
  }

  private mutating func refuse(_ line: Int, found: String, _ sentence: String) {
    problems.append(ConfigurationProblem(path: path, line: line, found: found, sentence: sentence))
  }

  /// Two backslashes at the end are an escaped one, and join nothing.
  private static func endsInBackslash(_ line: ArraySlice<UInt8>) -> Bool {
    !line.reversed().prefix { $0 == UInt8(ascii: "\\") }.count.isMultiple(of: 2)
  }

  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
  }

  private static func trimmed(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    guard let first = line.firstIndex(where: { !isBlank($0) }),
      let last = line.lastIndex(where: { !isBlank($0) })
    else { return [] }
    return line[first...last]
  }

  private static func string(_ bytes: ArraySlice<UInt8>) -> String {
    String(decoding: bytes, as: UTF8.self)
  }
}
