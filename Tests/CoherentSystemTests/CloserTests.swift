// Closers: what lingers is closed on their threads, in its sender's name, and holds up nobody else.
// A socket that lingers does so for longer than any test may take, so whatever waited for it here
// would never end.

import Glibc
import TestSupport
import Testing

@testable import CoherentSystem

struct CloserTests {
  private static let user: UInt32 = 4711
  private static let other: UInt32 = 4712

  private static func sent(_ user: UInt32 = user) -> ClosingCharge {
    ClosingCharge(.sent, user: user)
  }

  private static let connection = ClosingCharge(.connection, user: user)

  private func eventually(_ condition: () -> Bool) -> Bool {
    let latest = Clock.monotonicNanoseconds() + 60_000_000_000
    while Clock.monotonicNanoseconds() < latest {
      if condition() { return true }
      Thread.yield()
    }
    return false
  }

  private func rawPair() -> (first: CInt, second: CInt) {
    var numbers: [CInt] = [-1, -1]
    let result = socketpair(AF_UNIX, CInt(SOCK_SEQPACKET.rawValue), 0, &numbers)
    precondition(result == 0, "a pair can be made")
    return (numbers[0], numbers[1])
  }

  /// A copy of the socket, which is then ours no more.
  private func handOver(_ lingering: LingeringSocket, to closer: Closer, _ user: UInt32 = user) {
    closer.close(Descriptor(owning: dup(lingering.raw)), Self.sent(user))
    lingering.giveAway()
  }

  @Test func whatLingersIsClosedWhileItsGiverGoesOn() {
    let closer = Closer(Closer.Limits())
    let lingering = LingeringSocket()
    handOver(lingering, to: closer)
    #expect(closer.underWay(user: Self.user) == 1)
    #expect(closer.threads == 1)
    lingering.letGo()
    #expect(eventually { closer.underWay == 0 && closer.threads == 0 })
  }

  @Test func aConnectionIsClosedAtOnceIfNothingLiesInItsQueue() throws {
    let closer = Closer(Closer.Limits())
    let pair = try LocalSocket.pair(kind: .sequentialPacket)
    #expect(RawMessage.send([1], descriptors: [], on: pair.first.raw) == 1)
    closer.close(Descriptor(owning: dup(pair.second.raw)), Self.connection)
    #expect(closer.underWay == 0 && closer.threads == 0)
    var byte: UInt8 = 0
    #expect(send(pair.first.raw, &byte, 1, CInt(MSG_NOSIGNAL)) == -1 && errno == EPIPE)
  }

  @Test(arguments: [1, 253])
  func aConnectionWithWhatLingersInItsQueueHoldsUpNobody(_ count: Int) throws {
    let closer = Closer(Closer.Limits())
    let lingering = LingeringSocket()
    let (first, second) = rawPair()
    defer { close(first) }
    #expect(RawMessage.send([1], descriptors: [], on: first) == 1)
    let copies = Array(repeating: lingering.raw, count: count)
    #expect(RawMessage.send([1], descriptors: copies, on: first) == 1)
    lingering.giveAway()
    closer.close(Descriptor(owning: second), Self.connection)
    #expect(closer.underWay == 1)
    lingering.letGo()
    #expect(eventually { closer.underWay == 0 })
  }

  @Test func whatLingersInTheQueueOfAQueuedSocketHoldsUpNobody() throws {
    let closer = Closer(Closer.Limits())
    let lingering = LingeringSocket()
    let (first, second) = rawPair()
    defer { close(first) }
    do {
      let inner = try LocalSocket.pair(kind: .stream)
      #expect(RawMessage.send([1], descriptors: [lingering.raw], on: inner.first.raw) == 1)
      #expect(RawMessage.send([1], descriptors: [inner.second.raw], on: first) == 1)
    }
    lingering.giveAway()
    closer.close(Descriptor(owning: second), Self.connection)
    #expect(closer.underWay == 1)
    lingering.letGo()
    #expect(eventually { closer.underWay == 0 })
  }

  @Test func aListenerIsClosedAtOnceWithThoseWhoWaitInIt() throws {
    let path = try Directory.createTemporary(prefix: "closer-") + "/socket"
    defer { try? SmallFile.remove(path: path) }
    let lingering = LingeringSocket()
    let before = Closer.shared.underWay(user: Process.effectiveUser)
    let client: LocalSocket
    do {
      let listener = try LocalSocket.listen(path: path, kind: .sequentialPacket, mode: 0o600)
      client = try LocalSocket.connect(path: path, kind: .sequentialPacket)
      #expect(RawMessage.send([1], descriptors: [lingering.raw], on: client.raw) == 1)
      lingering.giveAway()
      _ = consume listener
    }
    #expect(Closer.shared.underWay(user: Process.effectiveUser) > before)
    let hasEnded = client.waitReadable(timeoutMilliseconds: 20_000)
    #expect(hasEnded, "its connection is over")
    lingering.letGo()
    #expect(eventually { Closer.shared.underWay(user: Process.effectiveUser) <= before })
  }

  @Test func oneUserHasSoManyThreadsAndTheOthersGoOn() throws {
    var limits = Closer.Limits()
    limits.threadsPerUser = 2
    let closer = Closer(limits)
    let lingering = (0..<4).map { _ in LingeringSocket() }
    for socket in lingering { handOver(socket, to: closer) }
    #expect(closer.threads == 2)
    let pipe = try Pipe()
    closer.close(Descriptor(owning: dup(pipe.writeEnd.raw)), Self.sent(Self.other))
    #expect(eventually { closer.underWay(user: Self.other) == 0 })
    // Memory of the same user has threads of its own.
    closer.close(
      Descriptor(owning: dup(pipe.writeEnd.raw)), ClosingCharge(.memory, user: Self.user))
    #expect(eventually { closer.underWay(user: Self.user) == 4 })
    for socket in lingering { socket.letGo() }
    #expect(eventually { closer.underWay == 0 && closer.threads == 0 })
  }

  @Test func allUsersTogetherHaveSoManyThreads() {
    var limits = Closer.Limits()
    limits.threads = 3
    let closer = Closer(limits)
    let lingering = (0..<5).map { _ in LingeringSocket() }
    for (index, socket) in lingering.enumerated() {
      handOver(socket, to: closer, UInt32(index))
    }
    #expect(closer.threads == 3 && closer.underWay == 5)
    for socket in lingering { socket.letGo() }
    #expect(eventually { closer.underWay == 0 && closer.threads == 0 })
  }

  @Test func whoHasTooManyThatStandStillIsOverTheLimitAndNobodyElse() {
    var limits = Closer.Limits()
    limits.threadsPerUser = 1
    limits.closingsPerUser = 2
    limits.standstillNanoseconds = 0
    let closer = Closer(limits)
    let lingering = [LingeringSocket(), LingeringSocket()]
    handOver(lingering[0], to: closer)
    #expect(!closer.isOverLimit(user: Self.user))
    handOver(lingering[1], to: closer)
    #expect(closer.isOverLimit(user: Self.user))
    #expect(!closer.isOverLimit(user: Self.other))
    for socket in lingering { socket.letGo() }
    #expect(eventually { !closer.isOverLimit(user: Self.user) })
  }

  @Test func tooManyThatMoveAreNoReasonUntilTheyAreManyTimesTooMany() {
    var limits = Closer.Limits()
    limits.closingsPerUser = 1
    limits.standstillNanoseconds = .max
    let closer = Closer(limits)
    let lingering = (0..<4).map { _ in LingeringSocket() }
    for socket in lingering.dropLast() { handOver(socket, to: closer) }
    #expect(!closer.isOverLimit(user: Self.user))
    handOver(lingering[3], to: closer)
    #expect(closer.isOverLimit(user: Self.user))
    for socket in lingering { socket.letGo() }
    #expect(eventually { closer.underWay == 0 })
  }

  @Test func aChargedDescriptorAndItsMappingsGoToTheClosers() throws {
    let user: UInt32 = 4713
    var address: UInt = 0
    do {
      let file = try MemoryFile(name: "charged", sizeBytes: 4096)
        .charged(ClosingCharge(.memory, user: user))
      let mapping = try Mapping(file: file, lengthBytes: 4096, writable: true)
      address = UInt(mapping.address)
      _ = consume mapping
      let copy = try file.duplicate()
      #expect(copy.descriptor.charge == ClosingCharge(.memory, user: user))
    }
    #expect(eventually { Closer.shared.underWay(user: user) == 0 })
    // mincore(2) of what is not mapped.
    var state: UInt8 = 0
    let result = mincore(UnsafeMutableRawPointer(bitPattern: address), 4096, &state)
    #expect(result == -1 && errno == ENOMEM)
  }
}
