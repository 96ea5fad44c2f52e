// One client's connection: its socket, its memory file, its pager. It is made when a client is
// admitted and goes when everything the client held is released. The control loop owns it; others
// send replies through it and read what never changes.
//
// What may never happen: a send that waits for the client.

import CoherentCore
import CoherentShared
import CoherentSystem
import CoherentWire
import Synchronization

final class ClientSession: @unchecked Sendable {
  // SAFETY: `phase` and the flags below it belong to the control loop. Whatever else changes is
  // atomic or behind a mutex; the rest never changes.
  enum Phase {
    case awaitsHello
    case awaitsAttach
    case attaching
    case attached
    /// The core has ended it; its memory is being released.
    case ending
  }

  let id: SessionID
  let peer: PeerCredentials
  let socket: LocalSocket
  let process: ProcessDescriptor
  let memory: SessionMemory
  let sinceNanoseconds: UInt64
  let performer: Performer
  /// As events name it. Found out when it connected: later its process may be gone.
  let client: EventClient

  // Read and written by the control loop only.
  var phase = Phase.awaitsHello
  var isWatchedForRoom = false
  /// It was said that it misbehaved, and counted.
  var hasMisbehaved = false
  /// Its client holds up its threads, and the core knows of it.
  var isHeldUp = false
  /// What waits in its client's address space was told to go on.
  var isRescued = false
  /// It was said that it keeps memory from the device.
  var isNamed = false

  private let pagerBox = Mutex<Pager?>(nil)

  /// Set by the control loop before the session is attached, and cleared when its thread is over.
  var pager: Pager? {
    get { pagerBox.withLock { $0 } }
    set { pagerBox.withLock { $0 = newValue } }
  }

  private struct Outbox {
    var packets: [[UInt8]] = []
    var isClosed = false
    var waitsSinceNanoseconds: UInt64 = 0
  }
  private let outbox = Mutex(Outbox())
  private let releaseClaim = Atomic<Bool>(false)
  private let accountBox = Mutex(MemoryAccount())

  init(
    id: SessionID, peer: PeerCredentials, socket: consuming LocalSocket,
    process: consuming ProcessDescriptor, memory: SessionMemory,
    sinceNanoseconds: UInt64 = Clock.monotonicNanoseconds(), performer: Performer
  ) {
    self.id = id
    self.peer = peer
    releaseHeartbeat = Heartbeat(thread: "release-\(id.rawValue)")
    lookHeartbeat = Heartbeat(thread: "look-\(id.rawValue)")
    client = EventClient(
      process: peer.process, user: peer.user,
      unit: ProcessDescription(of: peer.process, process).unit,
      session: id)
    self.socket = socket
    self.process = process
    self.memory = memory
    self.performer = performer
    self.sinceNanoseconds = sinceNanoseconds
  }

  var layout: SessionFileLayout { memory.layout }
  var table: SessionTable { memory.table }

  /// What its memory file held when the accountant looked last.
  var account: MemoryAccount { accountBox.withLock { $0 } }

  func note(_ account: MemoryAccount) { accountBox.withLock { $0 = account } }

  // MARK: replies

  /// Sends a reply, or keeps it until there is room. Requests are bounded, hence replies are.
  func send(_ request: RequestID, _ reply: Reply, descriptors: [CInt] = []) {
    transmit(descriptors, capacity: reply.encodedBytes, isEvent: false) {
      reply.encode(request, into: &$0)
    }
  }

  /// Sends an event; it is dropped if the socket has no room. It never waits: a client that reads
  /// nothing because it has asked for nothing is no slow reader.
  func send(_ event: Event) {
    transmit([], capacity: Event.maximumBytes, isEvent: true) { event.encode(into: &$0) }
  }

  private func transmit(
    _ descriptors: [CInt], capacity: Int, isEvent: Bool,
    _ encode: (inout MutableSpan<UInt8>) -> Int
  ) {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: capacity) { buffer in
      // SAFETY: the encoder writes the bytes that it counts, and only those are read.
      buffer.initialize(repeating: 0)
      var span = buffer.mutableSpan
      let length = encode(&span)
      let packet = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[..<length])
      outbox.withLock { outbox in
        if outbox.isClosed { return }
        if outbox.packets.isEmpty, socket.send(packet, descriptors: descriptors) != .wouldBlock {
          return  // sent, or gone: then the hang-up says so
        }
        invariant(descriptors.isEmpty, "descriptors are sent while a socket is empty")
        if isEvent { return }
        if outbox.packets.isEmpty {
          outbox.waitsSinceNanoseconds = Clock.monotonicNanoseconds()
          performer.mailbox.post(.awaitRoom(self))
        }
        outbox.packets.append(Array(packet))
      }
    }
  }

  /// Sends what waits, as far as there is room. True when nothing waits any more.
  func flush() -> Bool {
    outbox.withLock { outbox in
      var sent = 0
      for packet in outbox.packets {
        let outcome = packet.withUnsafeBytes { socket.send($0) }
        if outcome == .wouldBlock { break }
        sent += 1
      }
      outbox.packets.removeFirst(sent)
      if sent > 0 { outbox.waitsSinceNanoseconds = Clock.monotonicNanoseconds() }
      return outbox.packets.isEmpty
    }
  }

  /// Since when replies wait for room, nil if none does.
  var waitsForRoomSince: UInt64? {
    outbox.withLock { $0.packets.isEmpty ? nil : $0.waitsSinceNanoseconds }
  }

  /// No reply is sent any more; the client sees the end of the connection.
  func close() {
    outbox.withLock { outbox in
      outbox.isClosed = true
      outbox.packets = []
    }
    socket.shutdown()
  }

  // MARK: its threads

  /// Of the thread that releases its memory where its pager does not.
  let releaseHeartbeat: Heartbeat

  /// Of the thread that looks where its pages lie, for an administrator.
  let lookHeartbeat: Heartbeat

  /// Of all threads that call on what its client can lock.
  var heartbeats: [Heartbeat] {
    (pager.map { [$0.heartbeat] } ?? []) + [releaseHeartbeat, lookHeartbeat]
  }

  /// For how long one of them has been held up in one call, in nanoseconds.
  func heldUpNanoseconds(at now: UInt64) -> UInt64 {
    heartbeats.reduce(0) { max($0, $1.callNanoseconds(at: now)) }
  }

  /// Whether the caller is the one to release the session's memory: the pager, or a thread for that
  /// if the pager hangs. True once.
  func claimRelease() -> Bool { !releaseClaim.exchange(true, ordering: .acquiringAndReleasing) }

  var isReleaseClaimed: Bool { releaseClaim.load(ordering: .acquiring) }
}
