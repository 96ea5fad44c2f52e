// A real server on a socket in a directory of its own, with the sample source behind it.
import CoherentControl
import CoherentSystem
import CoherentWire
import Synchronization

final class ServerHarness: Sendable {
  let source: SampleSource
  let path: String
  let server: ControlServer
  let events: EventLog

  final class EventLog: Sendable {
    private let entries = Mutex<[ControlServer.Event]>([])
    func add(_ event: ControlServer.Event) { entries.withLock { $0.append(event) } }
    var all: [ControlServer.Event] { entries.withLock { $0 } }
  }

  private static let count = Atomic<Int>(0)

  static func freshPath() -> String {
    let number = count.wrappingAdd(1, ordering: .relaxed).newValue
    return "/tmp/coherent-control-\(Process.id)-\(number)"
  }

  init(_ source: SampleSource = SampleSource()) throws {
    self.source = source
    path = Self.freshPath()
    let events = EventLog()
    self.events = events
    server = try ControlServer(
      listener: try LocalSocket.listen(path: path, kind: .stream, mode: 0o600),
      settings: ControlServer.Settings(
        administrators: AdministratorRule(
          daemonUser: Process.effectiveUser, group: nil, groupName: nil),
        info: ServiceInfo(
          vendor: "v", product: "coherentd", version: "1", url: "u"),
        report: { events.add($0) }),
      source: source)
  }

  deinit {
    server.stop()
    try? SmallFile.remove(path: path)
  }

  func client() throws -> ControlClient { try ControlClient(path: path) }

  func rawClient() throws -> RawClient {
    RawClient(try LocalSocket.connect(path: path, kind: .stream))
  }
}

/// A client that knows no interface: text out, bytes in.
struct RawClient: ~Copyable {
  static let patienceMilliseconds: Int32 = 20_000

  let socket: LocalSocket
  private var pending: [UInt8] = []

  init(_ socket: consuming LocalSocket) { self.socket = socket }

  func send(_ bytes: [UInt8]) {
    var sent = 0
    while sent < bytes.count {
      let outcome = bytes.withUnsafeBytes {
        socket.send(UnsafeRawBufferPointer(rebasing: $0[sent...]), wait: true)
      }
      guard case .sent(let count) = outcome else { return }
      sent += count
    }
  }

  func call(_ text: String) { send(Array(text.utf8) + [0]) }

  /// The next reply; nil once the server has closed the connection.
  mutating func reply() -> String? {
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
      if let end = pending.firstIndex(of: 0) {
        defer { pending.removeSubrange(...end) }
        return String(decoding: pending[..<end], as: UTF8.self)
      }
      var descriptors: [CInt] = []
      guard socket.waitReadable(timeoutMilliseconds: Self.patienceMilliseconds) else { return nil }
      let outcome = buffer.withUnsafeMutableBytes {
        socket.receive(into: $0, descriptors: &descriptors)
      }
      guard case .received(let count, _, _) = outcome else { return nil }
      pending += buffer[..<count]
    }
  }
}

/// Looks until the condition holds; false when it never does.
func eventually(_ condition: () -> Bool) -> Bool {
  let deadline = Clock.monotonicNanoseconds() + 20_000_000_000
  while Clock.monotonicNanoseconds() < deadline {
    if condition() { return true }
    Thread.yield()
  }
  return false
}
