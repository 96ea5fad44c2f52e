// The program as a server: on a port of this machine, on a path, on a socket that it is passed.
// Scrapers that are silent, slow or many keep nobody else from the metrics.

import CoherentControl
import CoherentSystem
import Glibc
import Testing

@Suite struct MetricsServerTests {
  /// A server on a Unix socket, ended with this value.
  private struct Server: ~Copyable {
    let path: String
    private var child: ChildProcess?

    init(_ daemonPath: String) throws {
      path = daemonPath + "-metrics"
      child = try Process.spawn(
        Launch(
          path: try ProgramRun.path(),
          arguments: ["metrics", "--listen", path, "--socket", daemonPath]))
      let path = path
      // Its file is there before it listens.
      #expect(eventually { (try? LocalSocket.connect(path: path, kind: .stream)) != nil })
    }

    /// Whatever a test threw: a server that is left would keep the runner waiting.
    deinit {
      _ = try? child?.kill(signal: 9)
      _ = try? child?.wait()
    }

    mutating func end() throws -> ChildProcess.Exit {
      let child = child.take()!
      try child.kill(signal: 15)
      return try child.wait()
    }

    func scrape() throws -> String {
      try MetricsServerTests.scrape(LocalSocket.connect(path: path, kind: .stream))
    }
  }

  private static func scrape(
    _ socket: consuming LocalSocket, _ request: String = "GET /metrics HTTP/1.1\r\n\r\n"
  ) throws -> String {
    Array(request.utf8).withUnsafeBytes { _ = socket.send($0, wait: true) }
    let answer = try socket.descriptor.readToEnd(maximumBytes: 1 << 20)
    return String(decoding: answer, as: UTF8.self)
  }

  @Test func servesOnAPathAndRemovesItAtTheEnd() throws {
    let daemon = try SampleDaemon()
    var server = try Server(daemon.path)
    let page = try server.scrape()
    #expect(page.hasPrefix("HTTP/1.1 200 OK\r\n"))
    var status = stat()
    #expect(stat(server.path, &status) == 0 && status.st_mode & 0o777 == 0o660)
    #expect(page.contains("\ncoherentd_up 1\n"))
    #expect(page.contains("\ncoherentd_info{version=\"9.9.9\"} 1\n"))
    #expect(try server.end() == .status(0))
    #expect(!SmallFile.exists(path: server.path))
  }

  @Test func silentAndHostileScrapersHoldUpNobody() throws {
    let daemon = try SampleDaemon()
    var server = try Server(daemon.path)
    // All but one place taken by those who say nothing, or half a word.
    let silent = try (0..<15).map { number in
      let socket = try LocalSocket.connect(path: server.path, kind: .stream)
      if number.isMultiple(of: 2) {
        Array("GET /met".utf8).withUnsafeBytes { _ = socket.send($0, wait: true) }
      }
      return Held(socket)
    }
    for _ in 0..<20 { #expect(try server.scrape().contains("coherentd_up 1")) }
    // Those who leave in the middle, and those who send too much.
    for _ in 0..<50 {
      let socket = try LocalSocket.connect(path: server.path, kind: .stream)
      Array("GET /metrics HTTP/1.1\r\n\r\n".utf8).withUnsafeBytes { _ = socket.send($0) }
    }
    let long = String(repeating: "x", count: 100_000)
    let flood = try LocalSocket.connect(path: server.path, kind: .stream)
    Array(long.utf8).withUnsafeBytes { _ = flood.send($0) }
    #expect(try server.scrape().contains("coherentd_up 1"))
    withExtendedLifetime(silent) {}
    #expect(try server.end() == .status(0))
  }

  @Test func theSilentGoWhereThereIsNoRoomForOneMore() throws {
    let daemon = try SampleDaemon()
    var server = try Server(daemon.path)
    // More than there are places: the first of them are shown out for the others.
    let silent = try (0..<100).map { _ in
      Held(try LocalSocket.connect(path: server.path, kind: .stream))
    }
    for _ in 0..<5 { #expect(try server.scrape().contains("coherentd_up 1")) }
    #expect(silent[0].hasEnded)
    #expect(try server.end() == .status(0))
  }

  @Test func aDaemonThatIsDownIsAPageThatSaysSo() throws {
    let daemon = try SampleDaemon()
    let path = daemon.path + "-absent"
    var server = try Server(path)
    #expect(try server.scrape().hasSuffix("\ncoherentd_up 0\n"))
    #expect(try server.end() == .status(0))
  }

  @Test func servesOnASocketThatItIsPassed() throws {
    let daemon = try SampleDaemon()
    let listener = try LocalSocket.listen(loopback: .version4(127, 0, 0, 1), port: 0)
    let bound = listener.port()
    let port = try #require(bound)
    var launch = Launch(
      path: try ProgramRun.path(), arguments: ["metrics", "--socket", daemon.path])
    launch.passed = [("metrics", listener.raw)]
    let child = try Process.spawn(launch)
    let socket = try LocalSocket.connect(loopback: .version4(127, 0, 0, 1), port: port)
    let page = try Self.scrape(socket)
    #expect(page.contains("\ncoherentd_up 1\n"))
    try child.kill(signal: 15)
    #expect(try child.wait() == .status(0))
  }

  @Test func listensOnNoAddressThatOthersReachAndSaysWhy() throws {
    let run = try ProgramRun(["metrics", "--listen", "0.0.0.0:0"])
    #expect(run.status == .status(64))
    #expect(run.complaint.contains("served to this machine only: 127.0.0.1:PORT"))
    let json = try ProgramRun(["metrics", "--json", "--listen", "127.0.0.1:0"])
    #expect(json.status == .status(64) && json.complaint.contains("--json is not"))
  }

  @Test func saysWhereItListensAndThatIsWhereItIs() throws {
    let daemon = try SampleDaemon()
    let complaint = try Pipe()
    var launch = Launch(
      path: try ProgramRun.path(),
      arguments: ["metrics", "--listen", "127.0.0.1:0", "--socket", daemon.path])
    launch.standardError = complaint.writeEnd.raw
    let child = try Process.spawn(launch)
    let reader = complaint.keepingReadEnd()
    var said = ""
    while !said.hasSuffix("\n") {
      var bytes = [UInt8](repeating: 0, count: 256)
      let count = Glibc.read(reader.raw, &bytes, bytes.count)
      guard count > 0 else { break }
      said += String(decoding: bytes[..<count], as: UTF8.self)
    }
    let port = said.split(separator: ":").last.flatMap { UInt16($0.prefix { $0.isNumber }) }
    #expect(said == "Serving metrics at http://127.0.0.1:\(port ?? 0)/metrics\n")
    let socket = try LocalSocket.connect(
      loopback: .version4(127, 0, 0, 1), port: try #require(port))
    let page = try Self.scrape(socket)
    #expect(page.contains("\ncoherentd_up 1\n"))
    try child.kill(signal: SignalNumber.quit)
    #expect(try child.wait() == .status(0))
  }

  @Test func printsThemOnceWithoutAServer() throws {
    let daemon = try SampleDaemon()
    let run = try ProgramRun(["metrics", "--socket", daemon.path])
    #expect(run.status == .status(0) && run.output.hasPrefix("# HELP coherentd_up "))
    let absent = try ProgramRun(["metrics", "--socket", daemon.path + "-absent"])
    #expect(absent.status == .status(3))
    let json = try ProgramRun(["metrics", "--json", "--socket", daemon.path])
    #expect(json.output.contains(#""version": "9.9.9""#))
  }

  /// A socket that an array can hold.
  private final class Held {
    private let socket: LocalSocket
    init(_ socket: consuming LocalSocket) { self.socket = socket }

    /// Its server has closed the connection.
    var hasEnded: Bool {
      guard socket.waitReadable(timeoutMilliseconds: 20_000) else { return false }
      var bytes = [UInt8](repeating: 0, count: 1)
      return bytes.withUnsafeMutableBytes { socket.look(into: $0) } == .closed
    }
  }
}
