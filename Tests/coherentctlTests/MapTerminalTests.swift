// The map on a terminal and in a file: at every size it fits, says whose data is where, and what is
// pinned; and nothing that a daemon could send breaks it.

import CoherentControl
import CoherentSystem
import CoherentWire
import Glibc
import Testing

@testable import coherentctl

@Suite struct MapTerminalTests {
  @Test(arguments: [(80, 24), (132, 43), (60, 15), (40, 10), (30, 8)])
  func fitsTheTerminal(_ columns: Int, _ rows: Int) throws {
    let daemon = try SampleDaemon()
    let terminal = try PseudoTerminal(columns: columns, rows: 200)
    let child = try terminal.start(["map", "--socket", daemon.path])
    #expect(try child.wait() == .status(0))
    let screen = terminal.screen()
    #expect(screen.faults == [])
    let picture = screen.text.prefix { $0 != "" }
    #expect(picture[0].hasPrefix("   0  aaaaaaaa"))
    #expect(picture.contains { $0.hasPrefix("   1  ________") && !$0.contains("a") })
    #expect(picture.contains { $0.hasSuffix("········") })
    #expect(picture.joined().contains("AAAA"))
    #expect(picture.allSatisfy { $0.count <= columns })
    #expect(screen.text.joined().contains("session 1, process 4711"))
  }

  @Test(arguments: [16, 20, 24]) func isAsLowAsTheTerminalIfItCanBe(_ rows: Int) throws {
    let daemon = try SampleDaemon()
    let terminal = try PseudoTerminal(columns: 80, rows: rows)
    let child = try terminal.start(["map", "--socket", daemon.path])
    #expect(try child.wait() == .status(0))
    let screen = terminal.screen()
    #expect(screen.faults == [] && screen.text[0].hasPrefix("   0  aaaaaaaa"))
    #expect(!screen.contains("higher than this terminal"))
  }

  @Test func isSaidToBeTooHighWhereItIs() throws {
    let owners = MapOwners(map, [])
    let text = try #require(MapText(map, owners, rows: 5, Style(columns: 80))?.text)
    #expect(text.hasSuffix("(higher than this terminal: --svg FILE draws all of it)\n"))
    #expect(text.split(separator: "\n").filter { $0.hasPrefix("      ") }.isEmpty)
  }

  @Test func blocksThatAreGoingOfflineAreMarked() throws {
    let owners = MapOwners(map, [])
    let text = try #require(MapText(map, owners, leaving: [1], Style(columns: 80))?.text)
    #expect(text.contains("\n   1! <") && text.contains("   0  a"))
    #expect(text.contains("  !  at a number: the block is going offline\n"))
    let drawing = try #require(MapDrawing(map, owners, leaving: [1])).text
    #expect(drawing.contains(">1 !</text>") && drawing.contains("! block 1 is going offline"))
    #expect(MapText.name(.isolated).contains("its block goes offline"))
  }

  @Test func whatIsOfflineIsNoneOfTheDrawingsSizes() throws {
    var map = map
    map.runs = Array(map.runs.prefix(3))
    map.runs.append(MapRunReport(firstFrame: 64, frames: 64, block: 1, state: .offline))
    let drawing = try #require(MapDrawing(map, MapOwners(map, [])))
    #expect(
      drawing.text.contains(
        ">2 blocks (1 offline), 64 MiB online, 32 MiB with data of 2 sessions</text>"))
  }

  /// CIELAB, in which equal distances look equally different: CIE 15:2004.
  private func lab(_ colour: String) -> [Double] {
    let digits = colour.dropFirst().compactMap { $0.hexDigitValue }
    let linear = stride(from: 0, to: 6, by: 2).map { index in
      let value = Double(digits[index] * 16 + digits[index + 1]) / 255
      return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
    }
    func part(_ red: Double, _ green: Double, _ blue: Double, _ white: Double) -> Double {
      let value = (red * linear[0] + green * linear[1] + blue * linear[2]) / white
      return value > 0.008856 ? cbrt(value) : value * 7.787 + 16.0 / 116
    }
    let x = part(0.4124, 0.3576, 0.1805, 0.95047)
    let y = part(0.2126, 0.7152, 0.0722, 1)
    let z = part(0.0193, 0.1192, 0.9505, 1.08883)
    return [116 * y - 16, 500 * (x - y), 200 * (y - z)]
  }

  private func distance(_ one: String, _ other: String) -> Double {
    sqrt(zip(lab(one), lab(other)).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) })
  }

  @Test func coloursOfOwnersAndStatesAreFarApart() throws {
    let drawing = try #require(MapDrawing(map, MapOwners(map, [])))
    let owners = Array(MapDrawing.ownerColours.prefix(10))
    let states: [FrameState] = [.free, .reserved, .evicting, .restoring, .releasing, .isolated]
    let others = states.map { drawing.colour(MapGrid.Use(state: $0)) }
    for (index, one) in owners.enumerated() {
      for other in owners.dropFirst(index + 1) { #expect(distance(one, other) > 30) }
      for other in others { #expect(distance(one, other) > 20) }
    }
  }

  private var map: MapAnswer {
    var data = MapRunReport(firstFrame: 0, frames: 24, block: 0, state: .device)
    data.session = SessionID(rawValue: 1)
    data.process = 9
    var other = data
    other.firstFrame = 24
    other.frames = 8
    other.session = SessionID(rawValue: 2)
    other.isPinned = true
    return MapAnswer(
      frameBytes: 1 << 20, blockFrames: 64,
      runs: [
        data, other, MapRunReport(firstFrame: 32, frames: 32, block: 0, state: .free),
        MapRunReport(firstFrame: 64, frames: 1, block: 1, state: .evicting),
        MapRunReport(firstFrame: 65, frames: 63, block: 1, state: .reserved),
      ])
  }

  @Test func theMapToTheLetter() throws {
    let owners = MapOwners(map, [])
    let text = try #require(MapText(map, owners, Style(columns: 24))?.text)
    #expect(
      text == """
           0  aaaaaaaaaaaaaaaa
              aaaaaaaaBBBBBBBB
              ................
              ................
           1  <---------------
              ----------------
              ----------------
              ----------------

        A cell is 1 frame, 1 MiB; a large letter has something pinned.
          a  session 1, process 9: 24 MiB
          b  session 2, process 9: 8 MiB, 8 MiB pinned
          . free 32 MiB
          - reserved 63 MiB
          < evicting 1 MiB

        """)
  }

  @Test func aCellWithAnythingInItIsNeverShownAsEmpty() throws {
    let grid = try #require(MapGrid(map, cellsPerBlock: 1))
    #expect(grid.framesPerCell == 64)
    #expect(grid.rows.map { $0.cells[0].use.state } == [.device, .evicting])
    #expect(grid.rows[0].cells[0].isPinned && !grid.rows[0].cells[0].isThin)
    #expect(grid.rows[1].cells[0].isThin)
  }

  @Test func thePictureIsWholeAndBoundedAndEscaped() throws {
    var session = SessionReport(session: SessionID(rawValue: 1))
    session.command = "<a&\"b\u{1}"
    let drawing = try #require(MapDrawing(map, MapOwners(map, [session])))
    let text = drawing.text
    #expect(text.hasPrefix("<svg xmlns=") && text.hasSuffix("</svg>\n"))
    #expect(text.contains("session 1, process 9 (&lt;a&amp;&quot;b?): 24 MiB"))
    #expect(text.contains("url(#pinned)"))
    for tag in ["svg", "text", "title", "defs", "pattern"] {
      #expect(text.ranges(of: "<\(tag)").count == text.ranges(of: "</\(tag)>").count, "\(tag)")
    }
  }

  @Test func theFileIsReplacedAsAWholeOrNotAtAll() throws {
    let daemon = try SampleDaemon()
    let directory = try Directory.createTemporary(prefix: "coherentctl-map-")
    let path = "\(directory)/map.svg"
    try SmallFile.write(path: path, Array("old".utf8))
    let run = try ProgramRun(["map", "--svg", path, "--socket", daemon.path])
    #expect(run.status == .status(0) && run.output == "" && run.complaint == "")
    let text = String(
      decoding: try SmallFile.read(path: path, maximumBytes: 1 << 20), as: UTF8.self)
    #expect(text.hasPrefix("<svg") && text.hasSuffix("</svg>\n"))
    #expect(try Directory.names(path: directory) == ["map.svg"])
    let failed = try ProgramRun([
      "map", "--svg", "\(directory)/no/map.svg", "--socket", daemon.path,
    ])
    #expect(failed.status == .status(1) && failed.complaint.contains("cannot be written"))
    try SmallFile.remove(path: path)
    try Directory.removeEmpty(path: directory)
  }

  @Test(arguments: [
    (0, 0, 0, 0), (0, 1, 0, 64), (UInt64.max, 1, 0, 64), (0, UInt64.max, 0, 64), (64, 1, 0, 64),
    (0, 65, 0, 64), (0, 0, 0, 64), (0, 1, -1, 64), (0, 1, 0, UInt64.max), (0, 1, Int.max, 64),
  ])
  func whatMakesNoMapIsRefused(_ first: UInt64, _ frames: UInt64, _ block: Int, _ size: UInt64) {
    var map = MapAnswer(frameBytes: 65536, blockFrames: size, runs: [])
    map.runs = [MapRunReport(firstFrame: first, frames: frames, block: block, state: .device)]
    let isGood = first == 0 && frames == 1 && block == 0 && size == 64
    #expect((MapGrid(map, cellsPerBlock: 64) != nil) == isGood)
    _ = MapOwners(map, [])
  }
}
