// The other end of a client under test: says what a test's script says, right or wrong. It serves
// no page fault: its arena is plain memory. Every wait has a bound, after which the test fails.

import Coherent
import CoherentShared
import CoherentSystem
import CoherentWire
import Testing

final class FakeDaemon: @unchecked Sendable {
  // SAFETY: constant, but for the client's end, which is taken before any thread is started.
  private let socket: LocalSocket
  private var clientEnd: LocalSocket?

  static let frameBytes = 65536
  static let arenaBytes = 64 * frameBytes
  static let layout = SessionFileLayout(arenaBytes: UInt64(arenaBytes), controlSlots: 128)
  private static let patienceMilliseconds: Int32 = 20_000

  init() throws {
    let pair = try LocalSocket.pair(kind: .sequentialPacket)
    socket = LocalSocket(adopting: try pair.first.descriptor.duplicate())
    clientEnd = LocalSocket(adopting: try pair.second.descriptor.duplicate())
  }

  /// The socket of the client under test; once.
  func takeClientEnd() -> LocalSocket { clientEnd.take()! }

  struct Received: ~Copyable {
    let id: RequestID
    let request: Request
    let isRepeat: Bool
    let descriptor: Descriptor?

    /// The descriptor that came with it, once more.
    func duplicateDescriptor() throws -> Descriptor { try descriptor!.duplicate() }
  }

  /// The next request; nil, and a failed test, if none comes or it cannot be decoded.
  func next(_ location: SourceLocation = #_sourceLocation) -> Received? {
    guard socket.waitReadable(timeoutMilliseconds: Self.patienceMilliseconds) else {
      Issue.record("no request came", sourceLocation: location)
      return nil
    }
    return received(location)
  }

  /// Whether a request or the end comes within a moment; for counting what is under way.
  func hasMore(milliseconds: Int32 = 20) -> Bool {
    socket.waitReadable(timeoutMilliseconds: milliseconds)
  }

  /// The next request; nil when the client has hung up, or if none comes.
  func nextOrEnd(_ location: SourceLocation = #_sourceLocation) -> Received? {
    guard socket.waitReadable(timeoutMilliseconds: Self.patienceMilliseconds) else { return nil }
    return received(location, mayEnd: true)
  }

  private func received(_ location: SourceLocation, mayEnd: Bool = false) -> Received? {
    var packet = [UInt8](repeating: 0, count: PacketLimits.maximumBytes)
    var numbers: [CInt] = []
    let outcome = packet.withUnsafeMutableBytes {
      socket.receive(into: $0, descriptors: &numbers)
    }
    if mayEnd, outcome == .closed { return nil }
    let count = numbers.count
    let descriptor = numbers.popLast().map { Descriptor(owning: $0) }
    guard case .received(let length, false, false) = outcome,
      let decoded = try? Request.decode(packet.span.extracting(..<length), descriptorCount: count)
    else {
      Issue.record("received \(outcome)", sourceLocation: location)
      return nil
    }
    return Received(
      id: decoded.id, request: decoded.request, isRepeat: decoded.isRepeat, descriptor: descriptor)
  }

  /// Whether the client has hung up, once it has had the time to.
  func seesHangUp() -> Bool {
    var numbers: [CInt] = []
    guard socket.waitReadable(timeoutMilliseconds: Self.patienceMilliseconds) else { return false }
    var byte: UInt64 = 0
    return withUnsafeMutableBytes(of: &byte) {
      socket.receive(into: $0, descriptors: &numbers) == .closed
    }
  }

  func send(_ reply: Reply, to id: RequestID, descriptors: [CInt] = []) {
    var packet = [UInt8](repeating: 0, count: reply.encodedBytes)
    var span = packet.mutableSpan
    _ = reply.encode(id, into: &span)
    send(packet, descriptors: descriptors)
  }

  func send(_ packet: [UInt8], descriptors: [CInt] = [], waits: Bool = false) {
    _ = packet.withUnsafeBytes { socket.send($0, descriptors: descriptors, wait: waits) }
  }

  /// Says that another daemon has taken the connection over.
  func sendRecovered(_ generation: UInt32 = 2) {
    var packet = [UInt8](repeating: 0, count: Event.maximumBytes)
    var span = packet.mutableSpan
    let length = Event.recovered(generation: generation).encode(into: &span)
    send(Array(packet[..<length]))
  }

  func hangUp() { socket.shutdown() }

  static func welcome() -> Welcome {
    var welcome = Welcome()
    welcome.version = ProtocolVersion.current
    welcome.session = SessionID(rawValue: 7)
    welcome.frameBytes = UInt32(frameBytes)
    welcome.arenaBytes = UInt64(arenaBytes)
    welcome.defaultLeaseMilliseconds = 100
    welcome.maximumLeaseMilliseconds = 10_000
    welcome.maximumTimeoutMilliseconds = 60_000
    welcome.maximumRequestsInFlight = 64
    welcome.controlOffsetBytes = layout.controlOffset
    welcome.controlBytes = layout.controlBytes
    welcome.layoutFingerprint = ControlWords.fingerprint
    welcome.tableBytes = tableLayout.fileBytes
    welcome.tableFingerprint = SessionTableLayout.fingerprint
    return welcome
  }

  /// A memory file as a daemon makes it, with the header of its control memory.
  static func sealedFile() throws -> MemoryFile {
    let file = try MemoryFile(name: "arena", sizeBytes: layout.fileBytes)
    try file.seal()
    _ = try words(of: file)
    return file
  }

  /// The daemon's view of the control words in a file.
  static func words(of file: borrowing MemoryFile) throws -> ControlWords {
    ControlWords(
      daemon: try Mapping(
        file: file, offsetBytes: layout.controlOffset, lengthBytes: Int(layout.controlBytes),
        writable: true))
  }

  static let tableLayout = SessionTableLayout(
    frames: arenaBytes / frameBytes, frameBytes: UInt64(frameBytes), allocationSlots: 64,
    pinSlots: 64)

  /// A table as a daemon makes it, and its own view of it.
  static func sealedTable(bytes: UInt64 = tableLayout.fileBytes) throws -> MemoryFile {
    let file = try MemoryFile(name: "table", sizeBytes: bytes)
    try file.seal()
    return file
  }

  static func table(in file: borrowing MemoryFile) throws -> SessionTable {
    SessionTable(
      daemon: try Mapping(file: file, lengthBytes: Int(file.sizeBytes), writable: true),
      tableLayout, session: welcome().session.rawValue)
  }

  /// Sends a welcome with a table that is as long as it says; its own says that the session has
  /// ended, so that a hang-up is not taken for a death.
  func sendWelcome(
    _ welcome: Welcome, to id: RequestID, file: CInt, table: CInt? = nil, others: [CInt] = []
  ) {
    guard let own = try? Self.sealedTable(bytes: welcome.tableBytes) else { return }
    if welcome.tableBytes == Self.tableLayout.fileBytes { try? Self.table(in: own).noteEnd() }
    send(.welcome(welcome), to: id, descriptors: [file, table ?? own.raw] + others)
  }

  /// Answers hello and attach as they should be; the userfaultfd is closed again. `faultDevice` is
  /// a /dev/userfaultfd to pass, or negative.
  func shakeHands(
    _ file: borrowing MemoryFile, _ welcome: Welcome = welcome(), faultDevice: CInt = -1
  ) {
    guard let hello = next() else { return }
    var welcome = welcome
    welcome.passesFaultDevice = faultDevice >= 0
    sendWelcome(
      welcome, to: hello.id, file: file.raw, others: faultDevice >= 0 ? [faultDevice] : [])
    guard let attach = next() else { return }
    #expect(attach.request.kind == .attach)
    send(.attached, to: attach.id)
  }
}

/// A client and the fake daemon that it is connected to; the daemon's script runs in a thread.
struct FakeSession {
  /// Runs a script against a client that is being made; returns the error, if that fails.
  static func handshake(
    _ script: @escaping @Sendable (FakeDaemon) -> Void
  ) throws -> CoherentError? {
    let daemon = try FakeDaemon()
    let clientEnd = daemon.takeClientEnd()
    let thread = try Thread.start(name: "fake daemon") {
      script(daemon)
      daemon.hangUp()
    }
    defer { thread.join() }
    do throws(CoherentError) {
      try Client(socket: clientEnd).close()
      return nil
    } catch {
      return error
    }
  }

  /// Shakes hands and grants so many allocations, then runs `script` in a thread and `body` in this
  /// one. After its script the daemon hangs up; one that lingers waits for the client to do so.
  static func run(
    welcome: Welcome = FakeDaemon.welcome(), granting grants: Int = 0,
    marginMilliseconds: UInt32 = 20_000, lingers: Bool = false,
    _ script: @escaping @Sendable (FakeDaemon) -> Void,
    client body: (Client) throws -> Void
  ) throws {
    try run(
      welcome: welcome, granting: grants, marginMilliseconds: marginMilliseconds, lingers: lingers,
      { daemon, _ in script(daemon) }, client: body)
  }

  /// As above, with a script that works on the control words.
  static func run(
    welcome: Welcome = FakeDaemon.welcome(), granting grants: Int = 0,
    marginMilliseconds: UInt32 = 20_000, lingers: Bool = false,
    _ script: @escaping @Sendable (FakeDaemon, ControlWords) -> Void,
    client body: (Client) throws -> Void
  ) throws {
    let daemon = try FakeDaemon()
    let clientEnd = daemon.takeClientEnd()
    let file = try FakeDaemon.sealedFile()
    let words = try FakeDaemon.words(of: file)
    let thread = try Thread.start(name: "fake daemon") {
      daemon.shakeHands(file, welcome)
      for _ in 0..<grants { daemon.grant() }
      script(daemon, words)
      if lingers { _ = daemon.nextOrEnd() }
      daemon.hangUp()
    }
    defer { thread.join() }
    let client = try Client(socket: clientEnd, marginMilliseconds: marginMilliseconds)
    defer { client.close() }
    try body(client)
  }
}

/// What a body throws, as a value to compare.
func refusal<Value: ~Copyable>(
  _ body: () throws(CoherentError) -> Value
) -> CoherentError? {
  do throws(CoherentError) {
    _ = try body()
    return nil
  } catch {
    return error
  }
}

/// What ending a pin throws.
func refusalOfEnd(_ pin: consuming Pin) -> CoherentError? {
  do throws(CoherentError) {
    try pin.release()
    return nil
  } catch {
    return error
  }
}

/// Waits, with a bound, until other threads have got somewhere.
final class Gate: Sendable {
  private let lock = Lock()
  private let condition: Condition
  nonisolated(unsafe) private var count = 0

  init() { condition = Condition(lock: lock) }

  func open() {
    lock.withLock {
      count += 1
      condition.broadcast()
    }
  }

  /// Waits until it was opened so many times.
  func wait(_ wanted: Int = 1, _ location: SourceLocation = #_sourceLocation) {
    let deadline = Clock.monotonicNanoseconds() + 20_000_000_000
    lock.withLock {
      while count < wanted, condition.wait(untilNanoseconds: deadline) {}
      if count < wanted { Issue.record("nobody opened the gate", sourceLocation: location) }
    }
  }
}
