// systemd/coherentd.catalog, read as the journal reads it: entries that begin with "-- ID", a
// header, an empty line, and text with @FIELD@s.

struct CatalogFile {
  struct Entry {
    let messageID: String
    var header: [String: String] = [:]
    var text: [String] = []

    /// The names between two @ signs, in the header and in the text.
    var fields: Set<String> {
      let pieces = (header.values + text).flatMap {
        $0.split(separator: "@", omittingEmptySubsequences: false).enumerated()
          .filter { !$0.offset.isMultiple(of: 2) }.map { String($0.element) }
      }
      return Set(pieces)
    }
  }

  private(set) var entries: [Entry] = []
  /// What no reader of the form would accept.
  private(set) var problems: [String] = []

  init(_ contents: String) {
    var isHeader = false
    for line in contents.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("-- ") {
        entries.append(Entry(messageID: String(line.dropFirst(3))))
        isHeader = true
      } else if line.hasPrefix("#") {
        continue
      } else if entries.isEmpty {
        if !line.isEmpty { problems.append("before the first entry: \(line)") }
      } else if isHeader {
        if line.isEmpty {
          isHeader = false
        } else if let colon = line.firstIndex(of: ":"), line[colon...].hasPrefix(": ") {
          let value = line[colon...].dropFirst(2)
          entries[entries.count - 1].header[String(line[..<colon])] = String(value)
        } else {
          problems.append("no header: \(line)")
        }
      } else {
        entries[entries.count - 1].text.append(String(line))
      }
    }
  }
}
