// `coherentctl map`: the region as a picture, on the terminal or in a file.
import ArgumentParser
import CoherentControl
import CoherentSystem

struct MapCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "map",
    abstract: "Show the region as a picture: whose data lies where, what is pinned, what is free.",
    discussion: """
      A line or more for each block, a cell for each group of frames. Letters are owners, in the \
      order of how much they have on the device. The picture is made as low as the terminal, if \
      it can be.

      EXAMPLES:
        coherentctl map
        coherentctl map --svg device.svg
        coherentctl map --json | jq '[.runs[] | select(.state == "free") | .frames] | max'
      """)

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Draw it into this file instead, which is replaced as a whole; - prints it.",
      valueName: "file"), completion: .file(extensions: ["svg"]))
  var svg: String?

  @OptionGroup var options: CallOptions

  func validate() throws {
    if svg != nil && options.json { throw ValidationError("--svg and --json exclude each other.") }
  }

  func run() throws {
    let (map, sessions, blocks) = try options.withClient { (client) throws(ControlFailure) in
      let map = try client.map()
      var sessions: [SessionReport] = []
      guard !options.json else { return (map, sessions, [BlockReport]()) }
      // For the names of the ones and the states of the others.
      try client.sessions { sessions += $0 }
      return (map, sessions, try client.blocks())
    }
    let leaving = Set(blocks.filter { $0.state == .goingOffline }.map(\.block))
    let owners = MapOwners(map, sessions)
    if let svg {
      guard let drawing = MapDrawing(map, owners, leaving: leaving) else {
        throw Complaint(.notUnderstood)
      }
      return try write(drawing.text, to: svg)
    }
    var failure: Complaint?
    try options.show(map) { map, style in
      // A terminal that does not know how high it is has none.
      let rows = Terminal.size(1).flatMap { $0.rows > 0 ? $0.rows : nil }
      guard let text = MapText(map, owners, leaving: leaving, rows: rows, style)?.text else {
        failure = Complaint(.notUnderstood)
        return ""
      }
      return text
    }
    if let failure { throw failure }
  }

  private func write(_ text: String, to path: String) throws(Complaint) {
    if path == "-" { return try Program.output(text) }
    do throws(SystemError) {
      try SmallFile.replace(path: path, Array(text.utf8))
    } catch {
      throw Complaint(
        "\(Printable.text(path)) cannot be written: \(error)", status: Complaint.failureStatus)
    }
  }
}
