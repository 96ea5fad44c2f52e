// The protocol without the library: packets that a test makes itself, right or wrong, and the
// answers as they come. It never touches the arena that it maps.

import CoherentShared
import CoherentSystem
import CoherentWire
import Glibc

final class RawClient {
  let socket: LocalSocket
  private(set) var welcome: Welcome?
  private var file: MemoryFile?
  private var fileNumber: CInt = -1
  private var mapping: Mapping?
  private var userfault: Userfault?
  private var nextNumber: UInt64 = 100

  enum Event: Equatable {
    case reply(RequestID, Reply)
    /// The daemon has closed the connection.
    case closed
  }

  /// Connects, no more.
  init(_ daemon: TestDaemon) throws {
    socket = try LocalSocket.connect(
      path: daemon.clientPath, kind: .sequentialPacket, timeoutMilliseconds: 60_000)
  }

  /// Connects and attaches as the protocol wants it.
  static func attached(_ daemon: TestDaemon) throws -> RawClient {
    let client = try RawClient(daemon)
    try client.greet()
    guard try client.attach() == .attached else { throw TestFailure("not attached") }
    return client
  }

  // MARK: the handshake

  func greet() throws {
    let version = ProtocolVersion.current
    guard
      case .welcome(let welcome) = try ask(.hello(lowestVersion: version, highestVersion: version))
    else { throw TestFailure("no welcome") }
    self.welcome = welcome
  }

  /// Maps the arena, makes a userfaultfd, and attaches with both.
  func attach() throws -> Reply {
    let number = try beginAttach()
    guard case .reply(let id, let reply) = try next(), id.rawValue == number else {
      throw TestFailure("no reply to attach")
    }
    return reply
  }

  /// The same, without waiting for the reply.
  func beginAttach() throws -> UInt64 {
    let address = try map()
    let made = try Userfault.create(userModeOnly: false)
    let number = made.raw
    userfault = consume made
    return begin(.attach(baseAddress: address, lengthBytes: welcome!.arenaBytes), [number])
  }

  /// Maps the arena; where it lies.
  func map() throws -> UInt64 {
    let made = try Mapping(
      file: file!, lengthBytes: Int(welcome!.arenaBytes), writable: true)
    let address = made.address
    mapping = consume made
    return address
  }

  /// The control words, as a library maps them.
  func controlWords() throws -> ControlWords {
    try ControlWords(
      client: try Mapping(
        file: file!, offsetBytes: welcome!.controlOffsetBytes,
        lengthBytes: Int(welcome!.controlBytes), writable: true))
  }

  /// Tries to give the memory file another size; errno(3), or 0.
  func resizeFile(_ bytes: UInt64) -> CInt {
    ftruncate(fileNumber, off_t(bytes)) == 0 ? 0 : errno
  }

  // MARK: packets

  static func packet(_ request: Request, _ number: UInt64) -> [UInt8] {
    var packet = [UInt8](repeating: 0, count: request.kind.requestBytes)
    var span = packet.mutableSpan
    _ = request.encode(RequestID(rawValue: number), into: &span)
    return packet
  }

  @discardableResult
  func send(_ packet: [UInt8], _ descriptors: [CInt] = [], waits: Bool = false) -> SendOutcome {
    packet.withUnsafeBytes { socket.send($0, descriptors: descriptors, wait: waits) }
  }

  /// Sends a request under a new number, which it returns.
  @discardableResult
  func begin(_ request: Request, _ descriptors: [CInt] = []) -> UInt64 {
    nextNumber += 1
    send(Self.packet(request, nextNumber), descriptors)
    return nextNumber
  }

  /// Sends a request and waits for its reply.
  @discardableResult
  func ask(_ request: Request, _ descriptors: [CInt] = []) throws -> Reply {
    let number = begin(request, descriptors)
    guard case .reply(let id, let reply) = try next(), id.rawValue == number else {
      throw TestFailure("no reply to \(request)")
    }
    return reply
  }

  /// The refusal of a request that must be refused.
  func refusal(_ request: Request, _ descriptors: [CInt] = []) throws -> Refusal {
    let reply = try ask(request, descriptors)
    guard case .refused(let refusal) = reply else {
      throw TestFailure("\(request) was not refused: \(reply)")
    }
    return refusal
  }

  /// What comes next, waited for with a bound.
  func next() throws -> Event {
    guard socket.waitReadable(timeoutMilliseconds: 60_000) else {
      throw TestFailure("nothing comes")
    }
    var packet = [UInt8](repeating: 0, count: PacketLimits.maximumBytes)
    var descriptors: [CInt] = []
    let outcome = packet.withUnsafeMutableBytes {
      socket.receive(into: $0, descriptors: &descriptors)
    }
    guard case .received(let count, _, _) = outcome else { return .closed }
    let decoded: (id: RequestID, reply: Reply)
    do throws(MalformedPacket) {
      decoded = try Reply.decode(
        packet.span.extracting(first: count), descriptorCount: descriptors.count)
    } catch {
      throw TestFailure("the daemon sent what nobody can read: \(error)")
    }
    for (index, number) in descriptors.enumerated() {
      let descriptor = Descriptor(owning: number)
      if index == 0 {
        fileNumber = number
        file = try MemoryFile(descriptor: descriptor)
      }
    }
    return .reply(decoded.id, decoded.reply)
  }

  // MARK: recovery

  /// The event by which another daemon says that it has taken over; its generation.
  func recovered() throws -> UInt32 {
    guard socket.waitReadable(timeoutMilliseconds: 60_000) else {
      throw TestFailure("no daemon takes over")
    }
    var packet = [UInt8](repeating: 0, count: PacketLimits.maximumBytes)
    var descriptors: [CInt] = []
    let outcome = packet.withUnsafeMutableBytes {
      socket.receive(into: $0, descriptors: &descriptors)
    }
    guard case .received(let count, _, _) = outcome,
      case .recovered(let generation) = try CoherentWire.Event.decode(
        packet.span.extracting(first: count), descriptorCount: descriptors.count)
    else { throw TestFailure("not recovered: \(outcome)") }
    return generation
  }

  /// Asks again what was asked under this number before.
  func askAgain(_ request: Request, _ number: UInt64) throws -> Reply {
    var packet = [UInt8](repeating: 0, count: request.kind.requestBytes)
    var span = packet.mutableSpan
    _ = request.encode(RequestID(rawValue: number), isRepeat: true, into: &span)
    send(packet)
    guard case .reply(let id, let reply) = try next(), id.rawValue == number else {
      throw TestFailure("no reply to the repeat of \(request)")
    }
    return reply
  }

  /// Whether the daemon has closed the connection.
  func isHungUp() throws -> Bool { try next() == .closed }

  /// Whether nothing is there to be read.
  var isQuiet: Bool { !socket.waitReadable(timeoutMilliseconds: 0) }
}
