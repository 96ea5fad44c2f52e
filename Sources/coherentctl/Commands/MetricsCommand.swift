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
      Only loopback addresses and Unix sockets are listened on; a passed socket may be anything. \
      A Unix socket is made for its owner and their group (mode 0660).

      EXAMPLES:
        coherentctl metrics
        coherentctl metrics --listen 127.0.0.1:9797
        curl -s http://127.0.0.1:9797/metrics
      """)

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Serve them there: 127.0.0.1:PORT, [::1]:PORT, localhost:PORT, or a path.",
      valueName: "address"), transform: ListenAddress.parsed)
  var listen: ListenAddress?

  @OptionGroup var options: CallOptions

  /// A daemon that has not answered by then is down for a scraper.
  private static let answerMilliseconds = 2000
  private static let socketMode: UInt32 = 0o660

  func validate() throws {
    if listen != nil && options.json {
      throw ValidationError("--listen serves the text format, which --json is not.")
    }
  }

  func run() throws {
    if let passed = try PassedSockets.only() { return try serve(passed) }
    guard let listen else { return try print() }
    switch listen {
    case .loopback(let address, let port):
      let listener: LocalSocket
      do throws(SystemError) {
        listener = try LocalSocket.listen(loopback: address, port: port)
      } catch {
        throw Self.complaint(error)
      }
      let place = ListenAddress.url(address, port: listener.port() ?? port)
      try serve(listener, at: place)
    case .path(let path):
      let listening: ListeningSocket
      do throws(SystemError) {
        listening = try LocalSocket.listenWithFile(
          path: path, kind: .stream, mode: Self.socketMode)
      } catch {
        throw Self.complaint(error, at: path)
      }
      let file = listening.file
      try serve(listening.socket, at: "the Unix socket \(Printable.text(path))")
      file.remove()
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

  /// `path`: where a Unix socket was to be.
  private static func complaint(_ error: SystemError, at path: String? = nil) -> Complaint {
    let plain = Complaint("\(error)", status: Complaint.failureStatus)
    guard error.isAddressInUse, let path, let occupant = try? PathOccupant.at(path) else {
      return plain
    }
    let name = Printable.text(path)
    switch occupant {
    case .other(let what):
      return Complaint("at \(name) is \(what), which is left alone", status: plain.status)
    case .listener(let process?):
      return Complaint(
        "\(name) is taken: process \(process) listens there", status: plain.status)
    case .listener(nil), .nothing, .stale: return plain
    }
  }

  /// `place` is said, unless whoever passed the socket knows it.
  private func serve(
    _ listener: consuming LocalSocket, at place: String? = nil
  ) throws(Complaint) {
    let path = options.socketPath
    var server = try MetricsServer(listener, try EndSignals()) { Self.page(path) }
    if let place { StandardError.write("Serving metrics at \(place)\n") }
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
