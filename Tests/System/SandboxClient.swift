// A process inside a sandbox that uses the client library at the test's command: the integration
// tests' client. Each command waits for its answer with a bound.

import CoherentSystem

final class SandboxClient {
  /// Whether the kernel's own accesses to evicted memory wait for it, too.
  private(set) var isFullMode = false
  private let channel: LocalSocket
  private var child: ChildProcess?
  private var packet = [UInt8](repeating: 0, count: 1 << 16)

  private static let boundMilliseconds: Int32 = 60_000

  /// Starts it in a scope unit of its own and connects it, as root or as nobody in the group of
  /// clients.
  init(_ sandbox: Sandbox, asNobody: Bool = false) throws {
    let pair = try LocalSocket.pair(kind: .sequentialPacket)
    channel = pair.first
    let theirs = pair.second
    var program = try Built.debugDirectory() + "/integration-client"
    var identity: [String] = []
    if asNobody {
      // Where it was built, nobody might not come.
      let copy = "/usr/local/bin/integration-client"
      try sandbox.done("test -e \(copy) || install -m 755 \(program) \(copy)")
      program = copy
      identity = ["setpriv", "--reuid", "65534", "--regid", "65534", "--groups", "coherent"]
    }
    let scope = ["/usr/bin/systemd-run", "--scope", "--quiet", "--collect"]
    let command = sandbox.entering(
      scope + identity + [program, "\(theirs.raw)", "/run/coherentd/coherentd.socket"])
    var launch = Launch(path: command[0], arguments: Array(command.dropFirst()))
    launch.environment = ProgramRun.environment
    launch.inherited = [theirs.raw]
    launch.diesWithParentThread = true
    let started = try Process.spawn(launch)
    child = consume started
    isFullMode = try done("connect").first == "1"
  }

  deinit {
    _ = try? child?.kill(signal: 9)
    if let child = child.take() { _ = try? child.wait() }
  }

  /// Gives a command that must succeed; the words that it gives.
  @discardableResult
  func done(_ command: String) throws -> [String] {
    let answer = try ask(command)
    guard answer.hasPrefix("ok") else { throw TestFailure("client: \(command): \(answer)") }
    return answer.split(separator: " ").dropFirst().map(String.init)
  }

  /// Gives a command; the answer as it comes.
  func ask(_ command: String) throws -> String {
    try begin(command)
    return try answer(to: command)
  }

  /// Gives a command whose answer is waited for later.
  func begin(_ command: String) throws {
    let outcome = Array(command.utf8).withUnsafeBytes { channel.send($0) }
    guard case .sent = outcome else { throw TestFailure("\(command): the client is gone") }
  }

  func answer(to command: String) throws -> String {
    guard channel.waitReadable(timeoutMilliseconds: Self.boundMilliseconds) else {
      throw TestFailure("the client hangs in: \(command)")
    }
    var descriptors: [CInt] = []
    let outcome = packet.withUnsafeMutableBytes {
      channel.receive(into: $0, descriptors: &descriptors)
    }
    guard case .received(let count, _, _) = outcome else {
      throw TestFailure("the client died in: \(command)")
    }
    return String(decoding: packet[..<count], as: UTF8.self)
  }

  /// Allocates buffers and fills each with a pattern of its own.
  func fill(buffers: Range<Int>, bytesEach: Int) throws {
    for buffer in buffers {
      try done("allocate \(bytesEach) 128 20000")
      try done("fill \(buffer) \(buffer)")
    }
  }

  /// Compares every byte with the pattern that was filled in.
  func verify(buffers: Range<Int>) throws {
    for buffer in buffers { try done("verify \(buffer) \(buffer)") }
  }
}
