// The protocol without the library: packets that a test makes itself, right or wrong, and the
// answers as they come. It never touches the arena that it maps.

import CoherentShared
import CoherentSystem
import CoherentWire
import Glibc
import TestSupport

final class RawClient {
  let socket: LocalSocket
  private(set) var welcome: Welcome?
  private var file: MemoryFile?
  private(set) var fileNumber: CInt = -1
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
    let full = KernelRight.fullUserfaultfd.isThere
    let made = try Userfault.create(userModeOnly: !full)
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

  /// The next reply, waited for with a bound. An ended lease is said whenever it ends, also between
  /// a request and its reply.
  func next() throws -> Event {
    while true {
      switch try receive() {
      case .closed: return .closed
      case .reply(let id, let reply): return .reply(id, reply)
      case .event(.leaseRevoked): continue
      case .event(let event): throw TestFailure("no reply came, but \(event)")
      }
    }
  }

  private enum Incoming {
    case reply(RequestID, Reply)
    case event(CoherentWire.Event)
    case closed
  }

  private func receive() throws -> Incoming {
    guard waitForAnything() else { throw TestFailure("nothing comes") }
    var packet = [UInt8](repeating: 0, count: PacketLimits.maximumBytes)
    var descriptors: [CInt] = []
    let outcome = packet.withUnsafeMutableBytes {
      socket.receive(into: $0, descriptors: &descriptors)
    }
    guard case .received(let count, _, _) = outcome else { return .closed }
    let incoming: Incoming
    do throws(MalformedPacket) {
      let bytes = packet.span.extracting(first: count)
      if let event = try CoherentWire.Event.decode(bytes, descriptorCount: descriptors.count) {
        incoming = .event(event)
      } else {
        let (id, reply) = try Reply.decode(bytes, descriptorCount: descriptors.count)
        incoming = .reply(id, reply)
      }
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
    return incoming
  }

  // MARK: recovery

  /// The event by which another daemon says that it has taken over; its generation.
  func recovered() throws -> UInt32 {
    let incoming = try receive()
    guard case .event(.recovered(let generation)) = incoming else {
      throw TestFailure("not recovered: \(incoming)")
    }
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

  /// Waits until something is there to be read; whether it is.
  func waitForAnything() -> Bool { socket.waitReadable(timeoutMilliseconds: 60_000) }

  /// Whether nothing is there to be read.
  var isQuiet: Bool { !socket.waitReadable(timeoutMilliseconds: 0) }
}
