// `coherentctl metrics`: what the daemon counts, for Prometheus; once, or for whoever scrapes.
import ArgumentParser
import CoherentControl
import CoherentSystem

struct MetricsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "metrics",
    abstract: "Print metrics in the text format of Prometheus, or serve them.",
    discussion: """
      Without --listen they are printed once. With it, or with a socket that systemd passes \
      (coherentd-metrics.socket), GET /metrics is answered over HTTP until the program is ended. \
      Only loopback addresses and Unix sockets are listened on; a passed socket may be anything.

      EXAMPLES:
        coherentctl metrics
        coherentctl metrics --listen 127.0.0.1:9797
        curl -s http://127.0.0.1:9797/metrics
      """)

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Serve them there: 127.0.0.1:PORT, [::1]:PORT, localhost:PORT, or a path.",
      valueName: "address"))
  var listen: ListenAddress?

  @OptionGroup var options: CallOptions

  /// A daemon that has not answered by then is down for a scraper.
  private static let answerMilliseconds = 2000
  /// Whoever may open the directory may scrape.
  private static let socketMode: UInt32 = 0o666

  func run() throws {
    if let passed = try PassedSockets.only() { return try serve(passed) }
    guard let listen else { return try print() }
    switch listen {
    case .loopback(let address, let port):
      try serve(
        Self.listening { () throws(SystemError) in
          try LocalSocket.listen(loopback: address, port: port)
        })
    case .path(let path):
      try serve(
        Self.listening { () throws(SystemError) in
          try LocalSocket.listen(path: path, kind: .stream, mode: Self.socketMode)
        })
      try? SmallFile.remove(path: path)
    }
  }

  private func print() throws {
    let (status, pressure) = try options.withClient { (client) throws(ControlFailure) in
      (try client.status(), try client.pressure())
    }
    if options.json {
      try options.show(Numbers(status: status, pressure: pressure)) { _, _ in "" }
    } else {
      try Program.output(MetricsText(status, pressure).text)
    }
  }

  private static func listening(
    _ body: () throws(SystemError) -> LocalSocket
  ) throws(Complaint) -> LocalSocket {
    do throws(SystemError) {
      return try body()
    } catch {
      throw Complaint("\(error)", status: Complaint.failureStatus)
    }
  }

  private func serve(_ listener: consuming LocalSocket) throws(Complaint) {
    let path = options.socketPath
    var server = try MetricsServer(listener, try EndSignals()) { Self.page(path) }
    server.run()
  }

  /// A daemon that is down is a page that says so: a scraper knows then what it is that is down.
  private static func page(_ path: String) -> String {
    do throws(ControlFailure) {
      var client = try ControlClient(path: path, answerMilliseconds: Self.answerMilliseconds)
      return MetricsText(try client.status(), try client.pressure()).text
    } catch {
      StandardError.write(Complaint(error).text(Style()))
      return MetricsText.down
    }
  }

  /// What `--json` prints.
  private struct Numbers: Encodable {
    var status: StatusReport
    var pressure: PressureReport
  }
}
