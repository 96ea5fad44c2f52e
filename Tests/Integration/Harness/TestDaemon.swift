// A real coherentd with its own region, sockets and configuration below a temporary directory. It
// starts, is used by one test, and is stopped; that it stopped cleanly, gave back everything and
// left nothing behind belongs to every test that uses one.

import CoherentControl
import CoherentSystem
import Glibc
import Testing

final class TestDaemon {
  let directory: String
  let clientPath: String
  let controlPath: String
  private(set) var log: DaemonLog
  private(set) var process: Int32
  private let environment: [String]
  /// What it logged last may be missing otherwise.
  private let isLogRead: Bool
  private let limits: String?
  private var child: ChildProcess?
  private var clients: [ClientProcess] = []

  /// Starts a daemon and waits until it is ready.
  private init(
    _ overrides: [String: String], _ environment: [String], isLogRead: Bool = true,
    limits: String? = nil
  ) throws {
    directory = try Directory.createTemporary(prefix: "coherentd-test-")
    chmod(directory, 0o755)
    clientPath = "\(directory)/client"
    controlPath = "\(directory)/control"
    let settings = DaemonSettings(overrides, directory: directory)
    try SmallFile.write(path: "\(directory)/conf", Array(settings.text.utf8))
    self.environment = environment
    self.isLogRead = isLogRead
    self.limits = limits
    let started = try Self.launch(
      directory, environment, limits, passing: [], isLogRead: isLogRead)
    process = started.process
    log = started.log
    child = started.takeChild()
    if isLogRead { try awaitReady() } else { try eventually("it answers") { canAnswer } }
  }

  /// A daemon that was started, and what it says.
  private final class Started {
    let process: Int32
    let log: DaemonLog
    private var child: ChildProcess?

    init(_ child: consuming ChildProcess, _ log: DaemonLog) {
      process = child.process
      self.log = log
      self.child = consume child
    }

    func takeChild() -> ChildProcess? { child.take() }
  }

  private static func launch(
    _ directory: String, _ environment: [String], _ limits: String?,
    passing passed: [(name: String, descriptor: CInt)], isLogRead: Bool = true
  ) throws -> Started {
    let errors = try Pipe()
    if !isLogRead { try fill(errors.writeEnd) }
    var launch = try BuiltProgram.daemon.launch(
      ["--config", "\(directory)/conf"], limits: limits)
    launch.standardError = errors.writeEnd.raw
    launch.environment! += environment
    launch.passed = passed
    let child = try Process.spawn(launch)
    return Started(child, try DaemonLog(errors.keepingReadEnd(), isRead: isLogRead))
  }

  /// Not a byte more has room in this pipe, and whoever writes to it waits.
  private static func fill(_ end: borrowing Descriptor) throws {
    try end.setNonBlocking()
    let chunk = [UInt8](repeating: 0x2E, count: 4096)
    for size in [chunk.count, 1] { while write(end.raw, chunk, size) > 0 {} }
    let flags = fcntl(end.raw, F_GETFL) & ~O_NONBLOCK
    guard fcntl(end.raw, F_SETFL, flags) == 0 else { throw TestFailure("the pipe stays as it is") }
  }

  private var canAnswer: Bool { (try? status()) != nil }

  private func awaitReady() throws {
    guard log.line(with: ["ready:"]) != nil else {
      try child?.kill(signal: SIGKILL)
      throw TestFailure("the daemon did not start: \(log.finish())")
    }
  }

  /// Waits for the daemon's death, however that comes, and starts the next one with what its
  /// supervisor has kept. How it ended.
  @discardableResult
  func goOn(
    _ store: KeptStore, environment more: [String] = [], awaitingReady: Bool = true
  ) throws -> ChildProcess.Exit {
    guard let child = child.take() else { throw TestFailure("there is no daemon") }
    guard child.waitEnded(timeoutMilliseconds: 60_000) else {
      throw TestFailure("the daemon does not die: \(log.contents.suffix(2000))")
    }
    let exit = try child.wait()
    _ = log.finish()
    // A point to die at was the first daemon's.
    let variables = environment.filter { !$0.hasPrefix("COHERENTD_KILL_POINT=") } + more
    let started = try Self.launch(directory, variables, limits, passing: store.contents)
    process = started.process
    log = started.log
    self.child = started.takeChild()
    if awaitingReady { try awaitReady() }
    return exit
  }

  /// Kills it, and starts the next one.
  func dieAndGoOn(_ store: KeptStore) throws {
    try send(signal: SIGKILL)
    try goOn(store)
  }

  /// Runs a test with a daemon of its own. After it all its clients are ended, everything they had
  /// must come back, and the daemon must stop with nothing left.
  static func with(
    _ overrides: [String: String] = [:], environment: [String] = [], limits: String? = nil,
    _ body: (TestDaemon) throws -> Void
  ) throws {
    let daemon = try TestDaemon(overrides, environment, limits: limits)
    do {
      try body(daemon)
      daemon.endClients()
      if daemon.child != nil { try daemon.expectEverythingReturned() }
    } catch {
      Issue.record("\(error)\nthe daemon's log ends:\n\(daemon.log.contents.suffix(3000))")
    }
    daemon.endClients()
    try daemon.stop()
  }

  /// The same with a daemon whose log nobody reads, from its start on.
  static func withUnreadLog(
    _ overrides: [String: String], _ body: (TestDaemon) throws -> Void
  ) throws {
    let daemon = try TestDaemon(overrides, [], isLogRead: false)
    do {
      try body(daemon)
      daemon.endClients()
      if !daemon.hasEnded() { try daemon.expectEverythingReturned() }
    } catch {
      Issue.record("\(error)")
    }
    daemon.endClients()
    try daemon.stop()
  }

  /// Somebody reads the log from now on, or nobody ever will.
  func readLog() throws { try log.beginReading() }
  func closeLog() { log.close() }

  /// A new client process, connected unless told otherwise. It is ended with the daemon.
  func client(
    identity: Launch.Identity? = nil, limits: String? = nil, connects: Bool = true
  ) throws -> ClientProcess {
    let client = try ClientProcess(daemon: self, identity: identity, limits: limits)
    clients.append(client)
    if connects { try client.connect() }
    return client
  }

  func control() throws(ControlFailure) -> ControlClient {
    try ControlClient(path: controlPath, answerMilliseconds: 60_000)
  }

  func status() throws(ControlFailure) -> StatusReport {
    var control = try control()
    return try control.status()
  }

  /// Whether it has ended, looked at for a moment only.
  func hasEnded(withinMilliseconds milliseconds: Int32 = 0) -> Bool {
    child?.waitEnded(timeoutMilliseconds: milliseconds) ?? true
  }

  private func endClients() {
    for client in clients { client.end() }
    clients = []
  }

  func send(signal: Int32) throws { try child?.kill(signal: signal) }

  /// Stops it while clients are connected.
  func expectStopsWith(clients: Int) throws {
    #expect(log.contents.contains("stopping") == false)
    try stop()
    #expect(log.contents.contains("handing every client its data back, sessions: \(clients)"))
  }

  /// Stops it while clients are connected, and has something done meanwhile.
  func stopWhile(_ body: () throws -> Void) throws {
    try child?.kill(signal: SIGTERM)
    try body()
    try stop()
  }

  /// Asks it to stop and expects that it does so cleanly.
  private func stop() throws {
    guard let child = child.take() else { return }
    try child.kill(signal: SIGTERM)
    if !child.waitEnded(timeoutMilliseconds: 90_000) {
      Issue.record("the daemon does not stop; its log: \(log.contents.suffix(3000))")
      try child.kill(signal: SIGKILL)
    }
    let exit = try child.wait()
    let text = log.finish()
    #expect(exit == .status(0), "the daemon ends cleanly: \(text.suffix(3000))")
    #expect(!isLogRead || text.contains("coherentd: notice: stopped"))
    #expect(!text.contains(": error: "), "no error was logged: \(text.suffix(3000))")
    #expect(!SmallFile.exists(path: "/proc/\(process)"))
    try SmallFile.remove(path: "\(directory)/conf")
    #expect(try Directory.names(path: directory) == [], "no file is left")
    try? Directory.removeEmpty(path: directory)
  }
}
