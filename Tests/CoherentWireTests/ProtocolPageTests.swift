// PROTOCOL.md and the code say the same: kinds, sizes, descriptors, reasons, details. Each layout
// table covers its packet from the header to the end without a gap.

import CoherentSystem
import CoherentWire
import Testing

@Suite struct ProtocolPageTests {
  let lines: [String]

  init() throws {
    // From Tests/CoherentWireTests/ProtocolPageTests.swift to the page beside the sources.
    let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    let path = "/" + root + "/Sources/CoherentWire/PROTOCOL.md"
    let page = String(
      decoding: try SmallFile.read(path: path, maximumBytes: 1 << 20), as: UTF8.self)
    lines = page.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  @Test func theTableOfMessagesIsTheCodes() throws {
    for kind in MessageKind.allCases {
      let row = try #require(rows.first { $0[0] == "\(kind)" && number($0[1]) == kind.rawValue })
      #expect(Int(row[2]) == kind.requestBytes, "\(kind)")
      #expect(Int(row[3]) == kind.requestDescriptors, "\(kind)")
      #expect(number(row[5]) == kind.reply, "\(kind)")
      let length = kind == .query ? "32 + 8 each run" : "\(kind.replyBytes)"
      #expect(row[6] == length, "\(kind)")
    }
    let refused = try #require(rows.first { $0.count > 4 && $0[4] == "refused" })
    #expect(number(refused[5]) == MessageKind.refusal)
    #expect(Int(refused[6]) == MessageKind.refusalBytes)
    #expect(MessageKind.runBytes == 8)
    #expect(lines.contains { $0.contains("never longer than \(PacketLimits.maximumBytes) bytes") })
    #expect(lines.contains { $0.contains("at most \(QueryAnswer.maximumRuns)") })
  }

  @Test func everyLayoutCoversItsPacketWithoutAGap() {
    let sizes = layoutEnds(after: "## Header") + layoutEnds(after: "### hello")
    #expect(sizes == [PacketLimits.headerBytes, MessageKind.hello.requestBytes])
    #expect(layoutEnds(after: "### welcome") == [MessageKind.hello.replyBytes])
    for kind in MessageKind.allCases where kind != .hello {
      var expected = [kind.requestBytes, kind.replyBytes].filter { $0 > PacketLimits.headerBytes }
      if kind == .query { expected.append(MessageKind.runBytes) }
      #expect(layoutEnds(after: "### \(kind)") == expected, "\(kind)")
    }
    #expect(layoutEnds(after: "## Refusals") == [MessageKind.refusalBytes])
  }

  @Test func reasonsAndDetailsAreTheCodes() {
    let named = rows.compactMap { row in Int(row[0]).map { ($0, row[1]) } }
    let reasons = named.filter { pair in Refusal.Reason.allCases.contains { "\($0)" == pair.1 } }
    #expect(reasons.map(\.0) == Refusal.Reason.allCases.map { Int($0.rawValue) })
    #expect(reasons.map(\.1) == Refusal.Reason.allCases.map { "\($0)" })
    let details = named.filter { pair in Refusal.Detail.allCases.contains { "\($0)" == pair.1 } }
    #expect(details.map(\.0) == Refusal.Detail.allCases.map { Int($0.rawValue) })
    #expect(details.map(\.1) == Refusal.Detail.allCases.map { "\($0)" })
  }

  @Test func smallNumbersAreTheCodes() {
    let places = Place.allCases.map { "\($0.rawValue) \($0)" }.joined(separator: ", ")
    #expect(lines.contains { $0.contains("place: \(places)") })
    let targets = MigrationTarget.allCases.map { "\($0.rawValue) \($0)" }.joined(separator: ", ")
    #expect(lines.contains { $0.contains("target: \(targets)") })
    #expect(lines.contains { $0.contains("version 1") && ProtocolVersion.current == 1 })
  }

  private var rows: [[String]] {
    lines.filter { $0.hasPrefix("|") }.map { line in
      line.split(separator: "|", omittingEmptySubsequences: false).dropFirst().dropLast()
        .map { $0.drop(while: \.isWhitespace) }
        .map { String($0.reversed().drop(while: \.isWhitespace).reversed()) }
    }
  }

  /// Where the layout tables of a section end, having checked that no field overlaps or is missing.
  private func layoutEnds(after heading: String) -> [Int] {
    guard let start = lines.firstIndex(of: heading) else { return [] }
    var ends: [Int] = []
    var end: Int?
    for line in lines[(start + 1)...] {
      if line.hasPrefix("#") { break }
      let cells = line.split(separator: "|").map { $0.filter { $0 != " " && $0 != "+" } }
      if cells.count == 3, let offset = Int(cells[0]), let size = Int(cells[1]) {
        if let end { #expect(offset == end, "\(heading): \(line)") }
        #expect(end != nil || [0, PacketLimits.headerBytes].contains(offset), "\(line)")
        end = offset + size
      } else if let last = end {
        ends.append(last)
        end = nil
      }
    }
    return ends
  }

  private func number(_ text: String) -> UInt16? {
    text.hasPrefix("0x") ? UInt16(text.dropFirst(2), radix: 16) : nil
  }
}
