// The sweep by which the daemon sees pins that no message told of: a core that has lent 100,000
// buffers out, and their control words, each of them pinned. It runs in this process, without the
// daemon's other work; what it does is what the daemon does under its lock.

import CoherentCore
import CoherentShared
import CoherentSystem
import CoherentWire

struct SweepSubject {
  private var core: Core
  private let session: SessionID
  private let words: ControlWords
  private var effects: [Effect] = []
  private var clock: UInt64 = 1
  private var number: UInt64 = 0

  private static let count = 100_000

  static func report(_ bench: Bench) throws {
    var sweeps = Sample()
    var subject = try SweepSubject()
    for _ in 0..<bench.repetitions { sweeps.add(try subject.sweepMilliseconds()) }
    bench.report(Finding(PinScenario.name, "sweep of 100,000 words", sweeps, unit: "ms"))
  }

  private init() throws {
    var configuration = CoreConfiguration()
    configuration.onlineFrames = 2 * Self.count
    core = Core(configuration)
    guard case .success(let session) = core.connect(process: 1, Instant(nanoseconds: 1)) else {
      throw BenchFailure("the core takes no client")
    }
    core.attached(session)
    self.session = session
    words = ControlWords(
      daemon: try Mapping(anonymousBytes: ControlWords.headerBytes + 8 * Self.count))
    for _ in 0..<Self.count { try lend() }
  }

  /// An allocation of one frame, filled, pinned and unpinned by request: the core lends it out.
  private mutating func lend() throws {
    let allocation = Request.allocate(
      sizeBytes: 1, alignmentBytes: 0, timeoutMilliseconds: 0, priority: 128)
    guard case .allocated(let handle, let offset, _, _) = try ask(allocation),
      case .fill(let order) = core.fault(
        session, frame: Int(offset / core.configuration.frameBytes), isWrite: true,
        isWriteProtect: false, now(), &effects)
    else { throw Self.unexpected }
    core.filled(session, order, now(), &effects)
    let range = HandleRange(handle: handle, offsetBytes: 0, lengthBytes: 1)
    guard
      case .pinned(let pin, _, _) = try ask(
        .pin(range, leaseMilliseconds: 0, timeoutMilliseconds: 0, isLongTerm: false)),
      case .unpinned = try ask(.unpin(pin))
    else { throw Self.unexpected }
    performAll()
  }

  /// All words are pinned anew, then they are swept.
  private mutating func sweepMilliseconds() throws -> Double {
    for slot in 0..<UInt32(Self.count) {
      guard case .pinned(let token) = words.pin(slot: ControlSlot(rawValue: slot)) else {
        throw Self.unexpected
      }
      _ = words.unpin(slot: ControlSlot(rawValue: slot), token: token)
      _ = words.pin(slot: ControlSlot(rawValue: slot))
    }
    var swept = 0
    var nanoseconds: UInt64 = 0
    var steps = 0
    while swept < Self.count {
      steps += 1
      guard steps < 10_000 else { throw BenchFailure("the core does not sweep its words") }
      clock += 1_000_000
      let start = Clock.monotonicNanoseconds()
      core.tick(now(), &effects)
      swept += performAll()
      nanoseconds += Clock.monotonicNanoseconds() - start
    }
    for slot in 0..<UInt32(Self.count) {
      let pinned = words.peek(slot: ControlSlot(rawValue: slot))
      guard pinned.count > 0 else { throw BenchFailure("a sweep took a pinned word back") }
    }
    return Double(nanoseconds) / 1e6
  }

  /// Does to the words what the core wants; how many were swept.
  @discardableResult
  private mutating func performAll() -> Int {
    var swept = 0
    while let operation = core.nextWordOperation() {
      var answer = WordAnswer.done
      switch operation {
      case .open(_, let word): words.open(slot: ControlSlot(rawValue: UInt32(word)))
      case .take(_, let word):
        switch words.take(slot: ControlSlot(rawValue: UInt32(word))) {
        case .taken: answer = .taken
        case .pinned(_, let epoch): answer = .pinned(epoch: epoch)
        }
      case .revoke(_, let word):
        answer = .revoked(pins: Int(words.revoke(slot: ControlSlot(rawValue: UInt32(word)))))
      case .expire: break
      case .close(_, let word): words.close(slot: ControlSlot(rawValue: UInt32(word)))
      case .sweep(_, let first, let limit):
        let range = first..<max(first, min(first + limit, Self.count))
        swept += range.count
        answer = .swept(reports(range))
      }
      core.answered(operation, answer, now(), &effects)
    }
    effects.removeAll(keepingCapacity: true)
    return swept
  }

  private func reports(_ range: Range<Int>) -> [WordReport] {
    var reports: [WordReport] = []
    for index in range {
      let word = words.peek(slot: ControlSlot(rawValue: UInt32(index)))
      guard word.isResident else { continue }
      reports.append(WordReport(word: index, epoch: word.epoch, isPinned: word.count > 0))
    }
    return reports
  }

  /// A request and its reply, which is the first effect.
  private mutating func ask(_ request: Request) throws -> Reply {
    number += 1
    core.request(request, number: RequestID(rawValue: number), from: session, now(), &effects)
    defer { effects.removeAll(keepingCapacity: true) }
    for effect in effects {
      if case .reply(_, _, let reply) = effect { return reply }
    }
    throw Self.unexpected
  }

  /// A nanosecond later each time: what is set up is one moment to the sweep.
  private mutating func now() -> Instant {
    clock += 1
    return Instant(nanoseconds: clock)
  }

  private static var unexpected: BenchFailure { BenchFailure("the core answered otherwise") }
}
