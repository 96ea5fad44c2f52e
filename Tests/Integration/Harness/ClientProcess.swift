// A process that uses the client library at the test's command. Each command waits for its answer
// with a bound, so that a client that hangs fails its test and no more.

import CoherentSystem
import Glibc
import TestSupport

final class ClientProcess {
  let process: Int32
  private let channel: LocalSocket
  private var child: ChildProcess?
  private var packet = [UInt8](repeating: 0, count: 1 << 16)

  private static let boundMilliseconds: Int32 = 60_000

  /// `limits` is what it may have at most, as `BuiltProgram.launch` takes it.
  init(daemon: TestDaemon, identity: Launch.Identity? = nil, limits: String? = nil) throws {
    let pair = try LocalSocket.pair(kind: .sequentialPacket)
    channel = pair.first
    let theirs = pair.second
    var launch = try BuiltProgram.client.launch(
      ["\(theirs.raw)", daemon.clientPath], limits: limits)
    launch.inherited = [theirs.raw]
    launch.identity = identity
    if identity != nil { try ReachableProgram.make(&launch) }
    let started = try Process.spawn(launch)
    process = started.process
    child = consume started
  }

  // MARK: commands

  /// Gives a command and waits for its answer.
  func ask(_ command: String) throws -> ClientAnswer {
    try begin(command)
    return try answer(to: command)
  }

  /// Gives a command whose answer is waited for later, or never comes.
  func begin(_ command: String) throws {
    let outcome = Array(command.utf8).withUnsafeBytes { channel.send($0) }
    guard case .sent = outcome else { throw TestFailure("\(command): the client is gone") }
  }

  func answer(to command: String) throws -> ClientAnswer {
    guard channel.waitReadable(timeoutMilliseconds: Self.boundMilliseconds) else {
      throw TestFailure("process \(process) hangs in: \(command)")
    }
    var descriptors: [CInt] = []
    let outcome = packet.withUnsafeMutableBytes {
      channel.receive(into: $0, descriptors: &descriptors)
    }
    guard case .received(let count, _, _) = outcome else {
      throw TestFailure("process \(process) died in: \(command)")
    }
    return ClientAnswer(String(decoding: packet[..<count], as: UTF8.self))
  }

  /// Whether the answer to a command that was begun has not come within a moment.
  func isStillBusy(milliseconds: Int32 = 100) -> Bool {
    !channel.waitReadable(timeoutMilliseconds: milliseconds)
  }

  /// Gives a command that must succeed; the words that it gives.
  @discardableResult
  func done(_ command: String) throws -> [String] {
    let answer = try ask(command)
    guard case .done(let words) = answer else {
      throw TestFailure("process \(process): \(command): \(answer)")
    }
    return words
  }

  /// Gives a command that must be refused.
  func refused(_ command: String) throws -> ClientRefusal {
    let answer = try ask(command)
    guard case .refused(let refusal) = answer else {
      throw TestFailure("process \(process): \(command) was not refused: \(answer)")
    }
    return refusal
  }

  func number(_ command: String) throws -> Int {
    guard let number = Int(try done(command).first ?? "") else {
      throw TestFailure("process \(process): \(command) gives no number")
    }
    return number
  }

  /// Connects; whether the kernel's own accesses to evicted memory wait for it.
  @discardableResult
  func connect() throws -> Bool { try number("connect") == 1 }

  /// The buffer's number among this client's.
  @discardableResult
  func allocate(_ bytes: Int, priority: Int = 128, timeoutMilliseconds: Int = 20_000) throws -> Int
  {
    try number("allocate \(bytes) \(priority) \(timeoutMilliseconds)")
  }

  // MARK: its end

  func kill(_ signal: CInt) throws { try child?.kill(signal: signal) }

  /// Waits for the end that it brings upon itself, or that a signal brings.
  func exit() throws -> ChildProcess.Exit {
    guard let child = child.take() else { throw TestFailure("its end was waited for before") }
    guard child.waitEnded(timeoutMilliseconds: Self.boundMilliseconds) else {
      try child.kill(signal: SIGKILL)
      _ = try child.wait()
      throw TestFailure("process \(process) does not end")
    }
    return try child.wait()
  }

  /// Ends it, if it has not ended.
  func end() {
    guard let child = child.take() else { return }
    _ = try? child.kill(signal: SIGKILL)
    _ = try? child.wait()
  }
}
