// The pager of one session: the one thread that touches this client's address space. It answers
// the client's faults, does the session's migrations, and in the end releases its memory. A client
// that stops, lies or keeps its address space locked holds up this thread and no other.
//
// Per round: the faults that are there, then one job, then a little tidying, then it waits.

import CoherentCore
import CoherentSystem
import CoherentWire
import Synchronization

final class Pager: @unchecked Sendable {
  // SAFETY: other threads touch only what never changes, the atomics and the queue, which has its
  // own lock. `thread` belongs to the control loop, which alone starts and joins; `copier` and the
  // fields below the second mark belong to the pager's thread.
  let session: ClientSession
  let range: AddressRange
  let copier: FrameCopier
  let placement: ThreadPlacement
  private let queue: PagerQueue
  private let epoll: Epoll
  /// The request that is answered when the client's arena is registered; nil where it is already,
  /// by the daemon before this one.
  private let attachRequest: RequestID?
  /// What the daemon before this one left in the files; given back before anything is served.
  private let leftovers: Leftovers?
  /// When it began what it does now, 0 while it waits: how a hanging pager is found.
  private let busySince = Atomic<UInt64>(0)
  private let isOver = Atomic<Bool>(false)
  private let leaves = Atomic<Bool>(false)
  private var thread: Thread?
  let heartbeat: Heartbeat
  /// Runs of frames that were brought back while the daemon stops.
  private let surrendered = Atomic<Int>(0)

  // SAFETY: used by the pager's thread only, from `run` on.
  var effects: [Effect] = []
  var retries = FaultRetries()
  /// Since when no fault could be answered for want of page tables; 0 while they can.
  var unmappedSince: UInt64 = 0
  /// Whether the kernel maps write-protected; nil until it was needed.
  var mapsWriteProtected: Bool?
  private var faults = [Fault](
    repeating: .none, count: Userfault.maximumFaultsPerRead)
  private var reportedEvents = false
  private var blockingClears = 0
  /// Grows with each page that cannot be mapped, and shrinks with each that can.
  var suspicion = 0
  /// The session is to be ended for what it mapped.
  var isAccused = false
  /// The client has all its data and serves its own faults: there is nothing to release.
  var hasSurrendered = false

  private static let bellToken: UInt64 = 1
  private static let faultToken: UInt64 = 2
  private static let toleratedBlockingClears = 64

  init(
    session: ClientSession, fault: consuming Userfault, baseAddress: UInt64, attach: RequestID?,
    leftovers: Leftovers? = nil
  ) throws(SystemError) {
    self.session = session
    let heartbeat = Heartbeat(thread: "pager-\(session.id.rawValue)")
    self.heartbeat = heartbeat
    range = AddressRange(
      fault: fault, baseAddress: baseAddress, lengthBytes: session.layout.arenaBytes,
      heartbeat: heartbeat)
    copier = FrameCopier(session: session, heartbeat)
    placement = ThreadPlacement(session.performer.nodes, session.performer.log)
    queue = try PagerQueue()
    epoll = try Epoll()
    attachRequest = attach
    self.leftovers = leftovers
    try epoll.add(queue.bell.raw, readable: true, token: Self.bellToken)
  }

  var performer: Performer { session.performer }
  var frameBytes: UInt64 { performer.frameBytes }

  func start() throws(SystemError) {
    thread = try Thread.start(name: "pager-\(session.id.rawValue)") { self.run() }
  }

  func join() {
    thread?.join()
    thread = nil
  }

  func enqueue(_ job: Job) -> Bool { queue.put(job) }

  func end() { queue.end() }

  /// The jobs that wait for a thread that could not be started; no more are taken.
  func abandon() -> [Job] {
    queue.end()
    guard case .ended(let jobs) = queue.take() else { return [] }
    return jobs
  }

  func surrender() { queue.surrender() }

  /// Work waits in its queue.
  var isAsked: Bool { !hasFinished && queue.holdsWork }

  var surrenderedRuns: Int { surrendered.load(ordering: .relaxed) }

  func surrenderedRun() { surrendered.add(1, ordering: .relaxed) }

  /// It has finished one thing, and goes on with the next.
  func goesOn() {
    heartbeat.beat()
    busySince.store(Clock.monotonicNanoseconds(), ordering: .relaxed)
  }

  /// For how long it has been at one thing, in nanoseconds.
  func busyNanoseconds(at now: UInt64) -> UInt64 {
    let since = busySince.load(ordering: .relaxed)
    return since == 0 || since > now ? 0 : now - since
  }

  // MARK: the thread

  private func run() {
    heartbeat.work()
    defer { heartbeat.rest() }
    busySince.store(Clock.monotonicNanoseconds(), ordering: .relaxed)
    copier.mapStore()
    if attachRequest.map(attach) ?? goOn() { serve() }
    if hasSurrendered {
      leaves.store(true, ordering: .releasing)
      performer.mailbox.post(.pagerFinished(session))
    } else if session.claimRelease() {
      leaves.store(true, ordering: .releasing)
      session.release(heartbeat)
    }
    isOver.store(true, ordering: .releasing)
  }

  /// It is done with the client's address space, so its thread does not hang.
  var isLeaving: Bool { leaves.load(ordering: .acquiring) }

  /// Its thread has nothing left to do: joining it takes no time.
  var hasFinished: Bool { isOver.load(ordering: .acquiring) }

  /// The handshake with the client's userfaultfd. Here and not on the control loop, because it
  /// takes locks of the client's address space.
  private func attach(_ request: RequestID) -> Bool {
    busySince.store(Clock.monotonicNanoseconds(), ordering: .relaxed)
    defer { busySince.store(0, ordering: .relaxed) }
    do throws(SystemError) {
      try range.register()
      guard try isArenaMapped() else {
        session.send(
          request, .refused(Refusal(.protocolViolation, .badMapping, asked: range.baseAddress)))
        performer.mailbox.post(
          .disconnect(session, "protocolViolation: what it mapped is not its arena"))
        waitForEnd()
        return false
      }
      try epoll.add(range.fault.raw, readable: true, token: Self.faultToken)
    } catch {
      refuseAttach(request, error)
      waitForEnd()
      return false
    }
    if let keeper = performer.keeper,
      !keeper.keep(session, fault: range.fault.raw, baseAddress: range.baseAddress)
    {
      let limit = UInt64(performer.sessionsAtMost)
      let refusal = Refusal(.overLimit, .tooManySessions, asked: limit + 1, limit: limit)
      session.send(request, .refused(refusal))
      performer.report(refusal, of: session.peer) { session.client }
      performer.mailbox.post(.disconnect(session, nil))
      waitForEnd()
      return false
    }
    let id = session.id
    performer.engine.look { core, _ in core.attached(id) }
    KillPoint.reached(.beforeAttachReply)
    session.send(request, .attached)
    KillPoint.reached(.afterAttachReply)
    return true
  }

  /// A client that died while it connected, and one that the machine has no memory for, have done
  /// nothing wrong; whatever else fails is of the client's making.
  private func refuseAttach(_ request: RequestID, _ error: SystemError) {
    let code = UInt64(error.code)
    if error.isProcessGone || error.shortage != nil {
      session.send(request, .refused(Refusal(.outOfHostMemory, .notRegistered, asked: code)))
      performer.log.aboutClient(
        "attach", .info,
        "session \(session.id.rawValue) (process \(session.peer.process)) "
          + "did not attach, it has gone or there is no memory: \(error)")
      return performer.mailbox.post(.disconnect(session, nil))
    }
    let detail: Refusal.Detail =
      error.operation.contains("REGISTER") ? .badMapping : .userfaultFailed
    session.send(request, .refused(Refusal(.protocolViolation, detail, asked: code)))
    performer.mailbox.post(.disconnect(session, "its userfaultfd cannot be used: \(error)"))
  }

  /// Takes the arena over from a daemon that has died. It may have read faults and not answered
  /// them: whoever waits faults again.
  private func goOn() -> Bool {
    defer { busySince.store(0, ordering: .relaxed) }
    guard isCleaned() else { return false }
    do throws(SystemError) {
      try epoll.add(range.fault.raw, readable: true, token: Self.faultToken)
    } catch {
      performer.mailbox.post(.disconnect(session, "its userfaultfd cannot be used: \(error)"))
      waitForEnd()
      return false
    }
    range.wake(0, range.lengthBytes)
    return true
  }

  /// Gives back what counts for nothing any more. A daemon that dies meanwhile leaves the same to
  /// the next one.
  private func isCleaned() -> Bool {
    guard let leftovers else { return true }
    do throws(SystemError) {
      try leftovers.giveBack(session, heartbeat) { goesOn() }
    } catch {
      performer.mailbox.post(.disconnect(session, "it cannot be gone on with: \(error)"))
      waitForEnd()
      return false
    }
    KillPoint.reached(.afterCleaning)
    return true
  }

  private func waitForEnd() {
    var ready = [Epoll.Ready](repeating: Epoll.Ready(), count: 1)
    heartbeat.rest()
    defer { heartbeat.work() }
    while true {
      if case .ended = queue.take() { return }
      _ = ready.withUnsafeMutableBufferPointer { epoll.wait(into: $0, timeoutMilliseconds: -1) }
      _ = queue.bell.drain()
    }
  }

  private func serve() {
    var ready = [Epoll.Ready](repeating: Epoll.Ready(), count: 2)
    var timeout: Int32 = 0
    while true {
      busySince.store(0, ordering: .relaxed)
      heartbeat.rest()
      let count = ready.withUnsafeMutableBufferPointer {
        epoll.wait(into: $0, timeoutMilliseconds: timeout)
      }
      busySince.store(Clock.monotonicNanoseconds(), ordering: .relaxed)
      heartbeat.work()
      for event in ready[..<count] {
        if event.token == Self.bellToken {
          _ = queue.bell.drain()
        } else {
          if event.failed { restoreNonBlocking() }
          readFaults()
        }
      }
      if retries.isDue(at: Clock.monotonicNanoseconds()) { retryFaults() }
      switch queue.take() {
      case .ended(let jobs): return cancel(jobs)
      case .job(let job):
        perform(job)
        goesOn()
        timeout = 0
      case .surrender:
        surrenderMemory()
        return
      case .nothing:
        timeout = dropStaleCopies()
        if let pause = retries.millisecondsUntilDue(at: Clock.monotonicNanoseconds()) {
          timeout = timeout < 0 ? pause : min(timeout, pause)
        }
      }
    }
  }

  /// The client cleared O_NONBLOCK, which its descriptor shares with ours; then epoll reports an
  /// error for ever. Put right a few times, then the client has to go.
  private func restoreNonBlocking() {
    blockingClears += 1
    try? range.fault.descriptor.setNonBlocking()
    guard blockingClears == Self.toleratedBlockingClears else { return }
    performer.mailbox.post(.disconnect(session, "it keeps making its userfaultfd blocking"))
    try? epoll.remove(range.fault.raw)
  }

  private func readFaults() {
    let outcome = faults.withUnsafeMutableBufferPointer { range.fault.readFaults(into: $0) }
    switch outcome {
    case .faults(let count, let otherEvents):
      if otherEvents > 0, !reportedEvents {
        reportedEvents = true
        performer.log.aboutClient(
          "events", .warning,
          "session \(session.id.rawValue): its userfaultfd sends events that nobody asked for")
      }
      for index in 0..<count {
        answer(faults[index])
        goesOn()
      }
    case .none: break
    case .failed(let code):
      performer.mailbox.post(
        .disconnect(session, "its userfaultfd can no longer be read: \(SystemError.explain(code))"))
      try? epoll.remove(range.fault.raw)
    }
  }

  private func retryFaults() {
    let (faults, wakesEverybody) = retries.takeAll()
    if wakesEverybody { range.wake(0, range.lengthBytes) }
    for fault in faults {
      answer(fault)
      goesOn()
    }
  }

  private func cancel(_ jobs: [Job]) {
    guard !jobs.isEmpty else { return }
    performer.engine.step(&effects) { core, now, effects in
      for job in jobs { core.completed(job, .cancelled, now, &effects) }
    }
    performer.perform(&effects, current: session)
  }
}

extension Fault {
  fileprivate static let none = Fault(
    address: 0, isWrite: false, isWriteProtect: false, isMinor: false)
}
