// The packets between this process and the daemon, shared by all threads. Whoever waits for a reply
// reads packets, one thread at a time, and hands the others theirs: so a single thread pays for one
// send and one receive and nothing else; the guardian's thread reads none. The lock is never held
// across a system call that can wait, and nobody under it touches the arena. What the daemon says
// unasked is kept for whoever asks for it, who reads packets like everybody else.

import CoherentShared
import CoherentSystem
import CoherentWire

package final class Connection: @unchecked Sendable {
  // SAFETY: `calls`, `owed`, `isReading`, `slotWaiters`, `events`, `eventWaiters` and `end`
  // are guarded by `lock`; `packet` belongs to the thread that set `isReading`; the rest never
  // changes, but for the flag, which is atomic.
  private let socket: LocalSocket
  private let ownerProcess: Int32
  private let lock: Lock
  private let slotFreed: Condition
  private let conditions: [Condition]
  private let packet: UnsafeMutableRawBufferPointer
  private let marginMilliseconds: UInt32
  private var calls: CallTable
  /// What could not be sent at once and nobody waits for: the give-back of what a late reply
  /// granted, and repeats. Each has a slot, so it is bounded.
  private var owed: [(id: RequestID, isRepeat: Bool)] = []
  /// Give-backs that have no slot yet; not more than the table remembers refusals.
  private var owedWithoutSlot: [Request] = []
  private var isReading = false
  private var slotWaiters = 0
  private let eventArrived: Condition
  private var events = EventQueue(limit: 256)
  private var eventWaiters = 0
  private var end: Refusal?
  /// Up until the connection is known to have ended; down in forked children.
  let isOpen: ProcessFlag

  /// A daemon that has not answered this long after a request's own timeout is taken for stuck.
  package static let usualMarginMilliseconds: UInt32 = 5000
  /// How often a reading thread looks at the clock while nothing comes.
  private static let receiveTimeoutMilliseconds = 100
  /// More than this would be of no use to the threads of one process.
  private static let maximumSlots = 256

  /// A connection whose handshake is done; takes the socket over.
  init(
    socket: consuming LocalSocket, maximumRequestsInFlight: UInt32, marginMilliseconds: UInt32
  ) throws(SystemError) {
    try socket.setReceiveTimeout(milliseconds: Self.receiveTimeoutMilliseconds)
    self.socket = socket
    self.marginMilliseconds = marginMilliseconds
    ownerProcess = Process.id
    let lock = Lock()
    self.lock = lock
    slotFreed = Condition(lock: lock)
    eventArrived = Condition(lock: lock)
    isOpen = try ProcessFlag()
    let slots = min(Int(maximumRequestsInFlight), Self.maximumSlots)
    conditions = (0..<slots).map { _ in Condition(lock: lock) }
    calls = CallTable(capacity: slots)
    packet = .allocate(byteCount: PacketLimits.maximumBytes, alignment: 16)
  }

  deinit {
    packet.deallocate()
    guard isForked else { return }
    // In a forked child another thread of the parent may hold the lock or wait, for ever as it
    // looks from here; such a lock cannot be destroyed, so it is left.
    _ = Unmanaged.passRetained(lock)
    _ = Unmanaged.passRetained(slotFreed)
    _ = Unmanaged.passRetained(eventArrived)
    for condition in conditions { _ = Unmanaged.passRetained(condition) }
  }

  /// Whether this is a child of the process that connected; the socket is the parent's then.
  var isForked: Bool { Process.id != ownerProcess }

  /// Sends a request and waits for its reply, which may be a refusal. Throws what ended the
  /// connection, or `timedOut` when no reply has come in the time given and a margin.
  func call(_ request: Request, timeoutMilliseconds: UInt32 = 0) throws(Refusal) -> Reply {
    if isForked { throw Refusal(.notConnected, .forkedChild) }
    let bound = UInt64(timeoutMilliseconds) + UInt64(marginMilliseconds)
    let deadline = Clock.monotonicNanoseconds() + bound * 1_000_000
    let noReply = Refusal(.timedOut, .noReply, asked: bound)
    guard let id = try enter(request, deadline, bound * 1_000_000) else { throw noReply }
    guard send(request, id, deadline) else {
      lock.withLock {
        calls.release(CallTable.slot(of: id))
        passOn()
      }
      throw noReply
    }
    guard let reply = try reply(to: id) else { throw noReply }
    return reply
  }

  /// Ends the connection for every thread, at once. In a forked child it does nothing.
  func close() {
    if isForked { return }
    lock.withLock { finish(Refusal(.notConnected, .closedByCaller)) }
    socket.shutdown()
  }

  /// Why it ended; nil while it has not.
  var endReason: Refusal? {
    if isForked { return Refusal(.notConnected, .forkedChild) }
    return lock.withLock { end }
  }

  /// Sleeps until the connection has ended, by either side; no packet wakes it.
  func waitForHangUp() { Readiness.waitHungUp(socket.raw) }

  /// Why it ended, after what the daemon may have said before it hung up; every call knows it then.
  func endAfterHangUp() -> Refusal {
    lock.lock()
    defer { lock.unlock() }
    while true {
      if let end { return end }
      if isReading {
        let pause = UInt64(Self.receiveTimeoutMilliseconds) * 1_000_000
        eventArrived.wait(untilNanoseconds: Clock.monotonicNanoseconds() + pause)
      } else {
        read(waitingMilliseconds: 0)
      }
    }
  }

  // MARK: Events

  /// The oldest event that nobody has taken; waits for one, reading packets itself if nobody else
  /// does. Nil when none has come in time. Throws what ended the connection, after the last event.
  func nextEvent(timeoutMilliseconds: UInt64) throws(Refusal) -> Event? {
    if isForked { throw Refusal(.notConnected, .forkedChild) }
    let now = Clock.monotonicNanoseconds()
    let (nanoseconds, overflow) = timeoutMilliseconds.multipliedReportingOverflow(by: 1_000_000)
    let deadline = overflow || nanoseconds > .max - now ? .max : now + nanoseconds
    lock.lock()
    defer { lock.unlock() }
    eventWaiters += 1
    defer {
      eventWaiters -= 1
      passOn()
    }
    while true {
      if let event = events.popFirst() { return event }
      if let end { throw end }
      let isOver = Clock.monotonicNanoseconds() >= deadline
      if isReading {
        if isOver { return nil }
        eventArrived.wait(untilNanoseconds: deadline)
      } else {
        let milliseconds = min(
          Self.millisecondsUntil(deadline), Int32(Self.receiveTimeoutMilliseconds))
        // With no time left, what has come is read, packet by packet.
        if !read(waitingMilliseconds: milliseconds), isOver { return nil }
      }
    }
  }

  /// How many events found the queue full.
  var droppedEvents: Int {
    isForked ? 0 : lock.withLock { events.dropped }
  }

  // MARK: The steps of a call

  /// Takes a slot, waiting until one is free; nil if the deadline has passed.
  private func enter(
    _ request: Request, _ deadline: UInt64, _ boundNanoseconds: UInt64
  ) throws(Refusal) -> RequestID? {
    lock.lock()
    defer { lock.unlock() }
    sendOwed()
    var isInTime = true
    while true {
      if let end { throw end }
      if let id = calls.enter(request, deadline: deadline, boundNanoseconds: boundNanoseconds) {
        return id
      }
      if !isInTime {
        passOn()
        return nil
      }
      slotWaiters += 1
      isInTime = step(slotFreed, deadline)
      slotWaiters -= 1
    }
  }

  /// Sends the packet; false if the deadline passed first. A daemon that has hung up is noticed
  /// when the reply is read, after what it may have said before.
  private func send(_ request: Request, _ id: RequestID, _ deadline: UInt64) -> Bool {
    while true {
      switch trySend(request, id) {
      case .sent, .closed:
        return true
      case .failed(let code):
        lock.withLock { finish(Self.failure(code)) }
        return true
      case .wouldBlock:
        let milliseconds = Self.millisecondsUntil(deadline)
        guard milliseconds > 0 else { return false }
        _ = socket.waitWritable(timeoutMilliseconds: milliseconds)
      }
    }
  }

  private func trySend(
    _ request: Request, _ id: RequestID, isRepeat: Bool = false
  ) -> SendOutcome {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: request.kind.requestBytes) { bytes in
      var span = bytes.mutableSpan
      let length = request.encode(id, isRepeat: isRepeat, into: &span)
      return socket.send(UnsafeRawBufferPointer(start: bytes.baseAddress, count: length))
    }
  }

  /// Waits for the reply, reading packets itself if nobody else does; nil if the deadline passed.
  private func reply(to id: RequestID) throws(Refusal) -> Reply? {
    let slot = CallTable.slot(of: id)
    lock.lock()
    defer { lock.unlock() }
    if calls.setSent(slot) { owe(id, isRepeat: true) }
    var isInTime = true
    while true {
      if let reply = calls.takeReply(slot) {
        passOn()
        return reply
      }
      if let end {
        calls.release(slot)
        throw end
      }
      // A daemon that took over meanwhile has put it off.
      let deadline = calls.deadline(slot)
      if !isInTime, Clock.monotonicNanoseconds() >= deadline {
        calls.abandon(slot)
        passOn()
        return nil
      }
      calls.setAsleep(slot, isReading)
      isInTime = step(conditions[slot], deadline)
      calls.setAsleep(slot, false)
    }
  }

  /// One step of waiting, under the lock: reads one packet, or sleeps while somebody else reads.
  /// False if the deadline has passed.
  private func step(_ condition: Condition, _ deadline: UInt64) -> Bool {
    if isReading { return condition.wait(untilNanoseconds: deadline) }
    read(waitingMilliseconds: nil)
    return Clock.monotonicNanoseconds() < deadline
  }

  /// Reads one packet, which nobody else does meanwhile, and gives it to whom it belongs; under the
  /// lock, which it gives up while it waits: so long, or for the socket's own time if nothing is
  /// said. False if nothing came.
  @discardableResult
  private func read(waitingMilliseconds: Int32?) -> Bool {
    sendOwed()
    isReading = true
    lock.unlock()
    let received = receive(waitingMilliseconds: waitingMilliseconds)
    lock.lock()
    isReading = false
    switch received {
    case .reply(let id, let reply): take(id, reply)
    case .event(let event): keep(event)
    case .nothing: return false
    case .ended(let refusal): finish(refusal)
    }
    return true
  }

  // MARK: Under the lock

  private func keep(_ event: Event) {
    switch event {
    case .leaseRevoked, .memoryUnaccounted:
      events.append(event)
      if eventWaiters > 0 { eventArrived.signal() }
    case .recovered:
      // No concern of the program's: pointers and pins are as they were.
      owed = calls.recover(now: Clock.monotonicNanoseconds())
      sendOwed()
    }
  }

  private func take(_ id: RequestID, _ reply: Reply) {
    switch calls.deliver(id, reply) {
    case .answered(let slot, let isAsleep):
      if isAsleep { conditions[slot].signal() }
    case .late:
      if slotWaiters > 0 { slotFreed.signal() }
    case .givesBack(let newID):
      owe(newID, isRepeat: false)
    case .owes(let request):
      owedWithoutSlot.append(request)
      sendOwed()
    case .unasked:
      // A refusal of no request of ours says why the daemon is about to hang up.
      if case .refused(let refusal) = reply {
        finish(refusal)
      } else {
        finish(Refusal(.protocolViolation, .outOfOrder))
      }
    }
  }

  private func owe(_ id: RequestID, isRepeat: Bool) {
    owed.append((id, isRepeat))
    sendOwed()
  }

  /// Sends what nobody waits for, as far as the daemon takes it now; the rest is tried again with
  /// the next packet that is read or the next call. Never waits.
  private func sendOwed() {
    while let request = owedWithoutSlot.last, let id = calls.enterAbandoned(request) {
      owedWithoutSlot.removeLast()
      owed.append((id, isRepeat: false))
    }
    while let (id, isRepeat) = owed.last {
      // What had its reply meanwhile is settled.
      if let request = calls.request(id) {
        guard trySend(request, id, isRepeat: isRepeat) != .wouldBlock else { return }
        if !isRepeat { _ = calls.setSent(CallTable.slot(of: id)) }
      }
      owed.removeLast()
    }
  }

  /// Ends the connection for everybody; the first reason stays.
  private func finish(_ refusal: Refusal) {
    if end == nil { end = refusal }
    isOpen.lower()
    eventArrived.broadcast()
    for condition in conditions { condition.signal() }
    slotFreed.broadcast()
  }

  /// Whoever leaves lets another one read, and tells one who waits for a slot.
  private func passOn() {
    if !isReading {
      if let sleeper = calls.firstSleeper {
        conditions[sleeper].signal()
      } else if eventWaiters > 0 {
        eventArrived.signal()
      }
    }
    if slotWaiters > 0 { slotFreed.signal() }
  }

  // MARK: Without the lock, by the one thread that reads

  private enum Received {
    case reply(RequestID, Reply)
    case event(Event)
    case nothing
    case ended(Refusal)
  }

  private func receive(waitingMilliseconds: Int32?) -> Received {
    var descriptors: [CInt] = []
    if let waitingMilliseconds {
      guard socket.waitReadable(timeoutMilliseconds: waitingMilliseconds) else { return .nothing }
    }
    let outcome = socket.receive(
      into: packet, descriptors: &descriptors, wait: waitingMilliseconds == nil)
    // No reply after the handshake carries a descriptor; one that does is refused below.
    for descriptor in descriptors { _ = Descriptor(owning: descriptor) }
    switch outcome {
    case .wouldBlock:
      return .nothing
    case .closed:
      return .ended(Refusal(.notConnected, .hungUp))
    case .failed(let code):
      return .ended(Self.failure(code))
    case .received(let count, _, let descriptorsTruncated):
      let bytes = UnsafeRawBufferPointer(rebasing: packet[..<count])
      let descriptorCount = descriptors.count + (descriptorsTruncated ? 1 : 0)
      return bytes.withMemoryRebound(to: UInt8.self) { bytes in
        do throws(MalformedPacket) {
          if let event = try Event.decode(bytes.span, descriptorCount: descriptorCount) {
            return .event(event)
          }
          let decoded = try Reply.decode(bytes.span, descriptorCount: descriptorCount)
          return .reply(decoded.id, decoded.reply)
        } catch {
          return .ended(error.refusal)
        }
      }
    }
  }

  private static func failure(_ code: CInt) -> Refusal {
    Refusal(.notConnected, .transportFailed, asked: UInt64(code.magnitude))
  }

  private static func millisecondsUntil(_ deadline: UInt64) -> Int32 {
    let now = Clock.monotonicNanoseconds()
    guard now < deadline else { return 0 }
    return Int32(clamping: (deadline - now) / 1_000_000 + 1)
  }
}
