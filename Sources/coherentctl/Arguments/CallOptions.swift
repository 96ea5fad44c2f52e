// The options that every command has: which daemon it calls, and how the answer is shown.
import ArgumentParser
import CoherentControl
import CoherentSystem

struct CallOptions: ParsableArguments {
  static let socketVariable = "COHERENTD_CONTROL_SOCKET"

  @Option(
    name: .long,
    help: ArgumentHelp(
      "The daemon's control socket. (default: $\(socketVariable), or \(ControlClient.defaultPath))",
      valueName: "path"),
    completion: .file())
  var socket: String?

  @Flag(
    name: [.long, .customShort("j")], help: "Print JSON: snake_case keys, sizes in bytes.")
  var json = false

  @Flag(name: .long, help: "Print tables without header and summary.")
  var noLegend = false

  @Flag(name: .long, help: "Print sizes as plain numbers of bytes.")
  var rawBytes = false

  var socketPath: String {
    if let socket { return socket }
    if let given = Environment.get(Self.socketVariable), !given.isEmpty { return given }
    return ControlClient.defaultPath
  }

  /// Calls the daemon; what goes wrong becomes a complaint.
  func withClient<Answer>(
    _ body: (inout ControlClient) throws(ControlFailure) -> Answer
  ) throws(Complaint) -> Answer {
    do throws(ControlFailure) {
      var client = try ControlClient(path: socketPath)
      return try body(&client)
    } catch {
      throw Complaint(error)
    }
  }

  /// Prints the answer as JSON, or as the text that `render` makes of it.
  func show<Answer: Encodable>(
    _ answer: Answer, _ render: (Answer, Style) -> String
  ) throws(Complaint) {
    if json {
      let text = JSONLayout.pretty(JSONCoding.encode(answer))
      try Program.output(String(decoding: text, as: UTF8.self) + "\n")
    } else {
      var style = Style.forDescriptor(1)
      style.showsLegend = !noLegend
      style.printsRawBytes = rawBytes
      try Program.output(render(answer, style))
    }
  }
}
