// From a socket to a session: hello, welcome, mapping, userfaultfd, attach. What the daemon sends
// is checked before it is used, its memory file above all: a file that could shrink could kill this
// process.

import CoherentShared
import CoherentSystem
import CoherentWire

struct Handshake: ~Copyable {
  private let socket: LocalSocket
  private let deadline: UInt64
  private let marginMilliseconds: UInt32

  /// How long all of it may take.
  static let timeoutMilliseconds = 10_000

  init(path: String) throws(Refusal) {
    do throws(SystemError) {
      socket = try LocalSocket.connect(
        path: path, kind: .sequentialPacket, timeoutMilliseconds: Self.timeoutMilliseconds)
    } catch {
      throw Refusal(connecting: error)
    }
    deadline = Self.newDeadline()
    marginMilliseconds = Connection.usualMarginMilliseconds
  }

  /// Over a socket that is connected already, which it takes over.
  init(socket: consuming LocalSocket, marginMilliseconds: UInt32) {
    self.socket = socket
    self.marginMilliseconds = marginMilliseconds
    deadline = Self.newDeadline()
  }

  consuming func perform() throws(Refusal) -> Session {
    let greeting = try greet()
    let welcome = greeting.welcome
    try Self.check(welcome)
    let file = try Self.memoryFile(greeting.memoryFile, welcome)
    let words = try Self.words(file, welcome)
    let table = try Self.tableFile(greeting.table, welcome)
    let made = try Self.userfault(greeting.faultDevice)
    let isFullMode = made.isFullMode
    let arena = try Self.map(file, welcome, made.userfault, table)
    try attach(arena)
    do throws(SystemError) {
      let connection = try Connection(
        socket: socket, maximumRequestsInFlight: welcome.maximumRequestsInFlight,
        marginMilliseconds: marginMilliseconds)
      return try Session(
        connection: connection, arena: arena, words: words, welcome: welcome,
        isFullMode: isFullMode)
    } catch {
      throw Refusal(local: error, else: .notConnected, .transportFailed)
    }
  }

  // MARK: The two exchanges

  private struct Greeting: ~Copyable {
    let welcome: Welcome
    let memoryFile: Descriptor
    let table: Descriptor
    let faultDevice: Descriptor?
  }

  private borrowing func greet() throws(Refusal) -> Greeting {
    let version = ProtocolVersion.current
    let request = Request.hello(lowestVersion: version, highestVersion: version)
    var descriptors: [CInt] = []
    defer { for descriptor in descriptors { _ = Descriptor(owning: descriptor) } }
    let reply = try exchange(request, RequestID(rawValue: 1), sending: [], &descriptors)
    guard case .welcome(let welcome) = reply else {
      throw Refusal(.protocolViolation, .outOfOrder)
    }
    // The decoder has checked that as many came as the welcome says.
    let faultDevice = welcome.passesFaultDevice ? Descriptor(owning: descriptors.removeLast()) : nil
    let table = Descriptor(owning: descriptors.removeLast())
    let memoryFile = Descriptor(owning: descriptors.removeLast())
    return Greeting(
      welcome: welcome, memoryFile: memoryFile, table: table, faultDevice: faultDevice)
  }

  private borrowing func attach(_ arena: Arena) throws(Refusal) {
    let request = Request.attach(
      baseAddress: arena.baseAddress, lengthBytes: UInt64(arena.sizeBytes))
    var descriptors: [CInt] = []
    defer { for descriptor in descriptors { _ = Descriptor(owning: descriptor) } }
    let userfault = arena.withUserfault { $0 }
    let reply = try exchange(request, RequestID(rawValue: 2), sending: [userfault], &descriptors)
    guard case .attached = reply else { throw Refusal(.protocolViolation, .outOfOrder) }
  }

  /// Sends one request and waits for its reply; throws the refusal if it is one.
  private borrowing func exchange(
    _ request: Request, _ id: RequestID, sending: [CInt], _ descriptors: inout [CInt]
  ) throws(Refusal) -> Reply {
    var packet = [UInt8](repeating: 0, count: PacketLimits.maximumBytes)
    var span = packet.mutableSpan
    let length = request.encode(id, into: &span)
    // Of a daemon that has hung up, what it said before is read below.
    if case .failed(let code) = packet.withUnsafeBytes({
      socket.send(UnsafeRawBufferPointer(rebasing: $0[..<length]), descriptors: sending)
    }) {
      throw Refusal(.notConnected, .transportFailed, asked: UInt64(code.magnitude))
    }
    let count = try receive(into: &packet, &descriptors)
    let decoded = try Self.decode(packet.span.extracting(..<count), descriptors.count, request, id)
    if case .refused(let refusal) = decoded.reply { throw refusal }
    guard decoded.id == id else { throw Refusal(.protocolViolation, .outOfOrder) }
    return decoded.reply
  }

  private static func decode(
    _ packet: Span<UInt8>, _ descriptorCount: Int, _ request: Request, _ id: RequestID
  ) throws(Refusal) -> (id: RequestID, reply: Reply) {
    do throws(MalformedPacket) {
      // The daemon died before it could say so; the next one has the session.
      if request.kind == .attach,
        case .recovered = try Event.decode(packet, descriptorCount: descriptorCount)
      {
        return (id, .attached)
      }
      return try Reply.decode(packet, descriptorCount: descriptorCount)
    } catch {
      throw error.refusal
    }
  }

  private borrowing func receive(
    into packet: inout [UInt8], _ descriptors: inout [CInt]
  ) throws(Refusal) -> Int {
    let now = Clock.monotonicNanoseconds()
    let milliseconds = now < deadline ? Int32((deadline - now) / 1_000_000) : 0
    guard socket.waitReadable(timeoutMilliseconds: milliseconds) else {
      throw Refusal(.timedOut, .noReply, asked: UInt64(Self.timeoutMilliseconds))
    }
    let outcome = packet.withUnsafeMutableBytes {
      socket.receive(into: $0, descriptors: &descriptors)
    }
    switch outcome {
    case .received(let count, _, let isCut):
      // The kernel leaves out what this process has no room for, or what is too many.
      let came = UInt64(descriptors.count)
      if isCut, came < UInt64(LocalSocket.maximumDescriptors) { throw Refusal.noDescriptors() }
      guard !isCut else {
        throw Refusal(
          .protocolViolation, .badDescriptorCount, asked: came + 1,
          limit: UInt64(LocalSocket.maximumDescriptors))
      }
      return count
    case .closed, .wouldBlock:
      throw Refusal(.notConnected, .hungUp)
    case .failed(let code):
      throw Refusal(.notConnected, .transportFailed, asked: UInt64(code.magnitude))
    }
  }

  private static func newDeadline() -> UInt64 {
    Clock.monotonicNanoseconds() + UInt64(timeoutMilliseconds) * 1_000_000
  }

  // MARK: What the daemon sent

  private static func check(_ welcome: Welcome) throws(Refusal) {
    guard welcome.version == ProtocolVersion.current else {
      throw Refusal(
        .protocolViolation, .badVersion, asked: UInt64(ProtocolVersion.current),
        limit: UInt64(welcome.version))
    }
    let frame = UInt64(welcome.frameBytes)
    guard frame.nonzeroBitCount == 1, frame >= UInt64(PageSize.bytes) else {
      throw Refusal(.protocolViolation, .badField, asked: 32)
    }
    guard welcome.arenaBytes > 0, welcome.arenaBytes % frame == 0,
      welcome.arenaBytes <= UInt64(Int.max / 2)
    else { throw Refusal(.protocolViolation, .badField, asked: 24) }
    guard welcome.maximumRequestsInFlight > 0 else {
      throw Refusal(.protocolViolation, .badField, asked: 48)
    }
    try checkControl(welcome)
  }

  /// The control memory lies behind the arena, and is laid out as this library knows it.
  private static func checkControl(_ welcome: Welcome) throws(Refusal) {
    let page = UInt64(PageSize.bytes)
    guard welcome.controlOffsetBytes >= welcome.arenaBytes, welcome.controlOffsetBytes % page == 0,
      welcome.controlOffsetBytes <= UInt64(Int.max / 2)
    else { throw Refusal(.protocolViolation, .badField, asked: 56) }
    guard welcome.controlBytes > UInt64(ControlWords.headerBytes), welcome.controlBytes % page == 0,
      welcome.controlBytes <= UInt64(Int.max / 2)
    else { throw Refusal(.protocolViolation, .badField, asked: 64) }
    guard welcome.layoutFingerprint == ControlWords.fingerprint else {
      throw Refusal(
        .protocolViolation, .badControlMemory, asked: welcome.layoutFingerprint,
        limit: ControlWords.fingerprint)
    }
  }

  /// The received descriptor as a file that holds the arena and the control memory, and can neither
  /// shrink nor grow.
  private static func memoryFile(
    _ descriptor: consuming Descriptor, _ welcome: Welcome
  ) throws(Refusal) -> MemoryFile {
    var sizeBytes: UInt64 = 0
    let neededBytes = welcome.controlOffsetBytes + welcome.controlBytes
    do throws(SystemError) {
      let file = try MemoryFile(descriptor: descriptor)
      sizeBytes = file.sizeBytes
      if try file.hasFixedSize(), sizeBytes >= neededBytes { return file }
    } catch {
      // No memory file at all, or not open for both: the same answer as for a wrong one.
    }
    throw Refusal(.protocolViolation, .badMemoryFile, asked: sizeBytes, limit: neededBytes)
  }

  /// Maps the control memory, left out of children: a pin of a child would be its parent's.
  private static func words(
    _ file: borrowing MemoryFile, _ welcome: Welcome
  ) throws(Refusal) -> ControlWords {
    let mapping = try controlMapping(file, welcome)
    do throws(ControlMismatch) {
      return try ControlWords(client: mapping)
    } catch {
      throw Refusal(
        .protocolViolation, .badControlMemory, asked: error.found, limit: error.expected)
    }
  }

  private static func controlMapping(
    _ file: borrowing MemoryFile, _ welcome: Welcome
  ) throws(Refusal) -> Mapping {
    do throws(SystemError) {
      let mapping = try Mapping(
        file: file, offsetBytes: welcome.controlOffsetBytes,
        lengthBytes: Int(welcome.controlBytes), writable: true)
      try mapping.excludeFromForkAndDump()
      return mapping
    } catch {
      throw Refusal(local: error, else: .outOfHostMemory, .localMappingFailed)
    }
  }

  /// The received descriptor as a file that is as long as the welcome says, and stays so. It may be
  /// open for reading only.
  private static func tableFile(
    _ descriptor: consuming Descriptor, _ welcome: Welcome
  ) throws(Refusal) -> MemoryFile {
    var sizeBytes: UInt64 = 0
    do throws(SystemError) {
      let file = try MemoryFile(readable: descriptor)
      sizeBytes = file.sizeBytes
      if try file.hasFixedSize(), sizeBytes == welcome.tableBytes { return file }
    } catch {
      // No memory file at all: the same answer as for a wrong one.
    }
    throw Refusal(.protocolViolation, .badMemoryFile, asked: sizeBytes, limit: welcome.tableBytes)
  }

  private struct MadeUserfault: ~Copyable {
    let userfault: Userfault
    let isFullMode: Bool

    init(_ userfault: consuming Userfault, isFullMode: Bool) {
      self.userfault = userfault
      self.isFullMode = isFullMode
    }
  }

  /// A userfaultfd of this process: in full mode through the daemon's device or by privilege, else
  /// in user mode only.
  private static func userfault(
    _ device: consuming Descriptor?
  ) throws(Refusal) -> MadeUserfault {
    do throws(SystemError) {
      if let device = consume device {
        return MadeUserfault(try Userfault.create(fromDevice: device), isFullMode: true)
      }
      do throws(SystemError) {
        return MadeUserfault(try Userfault.create(userModeOnly: false), isFullMode: true)
      } catch  where error.isNotPermitted {
        return MadeUserfault(try Userfault.create(userModeOnly: true), isFullMode: false)
      }
    } catch {
      // In user mode the kernel gives it to everybody: what refuses it is no sysctl.
      throw Refusal(
        local: error, else: .notPermitted,
        error.isForbidden ? .localUserfaultForbidden : .localUserfaultFailed)
    }
  }

  private static func map(
    _ file: consuming MemoryFile, _ welcome: Welcome, _ userfault: consuming Userfault,
    _ table: consuming MemoryFile
  ) throws(Refusal) -> Arena {
    do throws(SystemError) {
      return try Arena(
        file: file, sizeBytes: Int(welcome.arenaBytes), frameBytes: Int(welcome.frameBytes),
        userfault: userfault, table: table)
    } catch {
      throw Refusal(local: error, else: .outOfHostMemory, .localMappingFailed)
    }
  }
}
