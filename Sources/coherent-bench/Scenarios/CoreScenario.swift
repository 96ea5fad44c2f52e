// `core`: what the daemon's decisions cost by themselves: the core runs in this process, without
// the kernel, a socket or another thread, and its effects are thrown away.

import CoherentCore
import CoherentSystem
import CoherentWire

enum CoreScenario: Scenario {
  static let name = "core"
  static let summary = "The daemon's decisions alone, in this process, without the kernel."
  static let usesDaemon = false

  private static let rounds = 100_000

  static func measure(_ bench: Bench) throws {
    var query = Sample()
    var allocate = Sample()
    var pin = Sample()
    var fault = Sample()
    try bench.withThread(at: bench.quietPlacement.client) {
      for _ in 0..<bench.repetitions {
        var subject = try CoreSubject()
        query.add(try nanoseconds { try subject.query() })
        allocate.add(try nanoseconds { try subject.allocateAndFree() })
        pin.add(try nanoseconds { try subject.pinAndUnpin() })
        fault.add(try subject.faultNanoseconds())
      }
    }
    for (label, sample) in [
      ("query", query), ("allocate + free", allocate), ("pin + unpin", pin), ("fault", fault),
    ] {
      bench.report(Finding(name, label, sample, unit: "ns"))
    }
  }

  private static func nanoseconds(_ body: () throws -> Void) throws -> Double {
    try Stopwatch.seconds { for _ in 0..<rounds { try body() } } * 1e9 / Double(rounds)
  }
}

/// A core with one client that has one buffer.
private struct CoreSubject {
  private var core: Core
  private let session: SessionID
  private var range: HandleRange
  private var effects: [Effect] = []
  private var clock: UInt64 = 1
  private var number: UInt64 = 0

  private static let frames = 65_536
  /// The rest stays free, so that nothing is evicted.
  private static let bufferFrames = frames / 2

  init() throws {
    var configuration = CoreConfiguration()
    configuration.onlineFrames = Self.frames
    core = Core(configuration)
    guard case .success(let session) = core.connect(process: 1, Instant(nanoseconds: 1)) else {
      throw BenchFailure("the core takes no client")
    }
    core.attached(session)
    self.session = session
    range = HandleRange(handle: HandleID(rawValue: 0), offsetBytes: 0, lengthBytes: 1)
    range.handle = try allocate(bytes: UInt64(Self.bufferFrames) * configuration.frameBytes)
    // One frame is resident, to be pinned.
    _ = fill(frame: 0)
  }

  mutating func query() throws {
    guard case .queried = try ask(.query(range)) else { throw Self.unexpected }
  }

  mutating func allocateAndFree() throws {
    let handle = try allocate(bytes: 1)
    guard case .freed = try ask(.free(handle)) else { throw Self.unexpected }
  }

  mutating func pinAndUnpin() throws {
    guard
      case .pinned(let pin, _, _) = try ask(
        .pin(range, leaseMilliseconds: 10, timeoutMilliseconds: 0)),
      case .unpinned = try ask(.unpin(pin))
    else { throw Self.unexpected }
  }

  /// The decision and the commit of a first touch, per fault. Frames in an order that no walk has.
  mutating func faultNanoseconds() throws -> Double {
    var random = SeededGenerator(seed: 3)
    let order = (1..<Self.bufferFrames).shuffled(using: &random)
    var filled = 0
    let seconds = Stopwatch.seconds { for index in order { filled += fill(frame: index) } }
    guard filled >= order.count - order.count / 100 else { throw Self.unexpected }
    return seconds * 1e9 / Double(order.count)
  }

  private mutating func fill(frame: Int) -> Int {
    let decision = core.fault(
      session, frame: frame, isWrite: true, isWriteProtect: false, now(), &effects)
    guard case .fill(let order) = decision else { return 0 }
    core.filled(session, order, now(), &effects)
    effects.removeAll(keepingCapacity: true)
    return order.count
  }

  private mutating func allocate(bytes: UInt64) throws -> HandleID {
    let reply = try ask(
      .allocate(sizeBytes: bytes, alignmentBytes: 0, timeoutMilliseconds: 0, priority: 128))
    guard case .allocated(let handle, _, _, _) = reply else { throw Self.unexpected }
    return handle
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

  /// A microsecond later each time.
  private mutating func now() -> Instant {
    clock += 1000
    return Instant(nanoseconds: clock)
  }

  private static var unexpected: BenchFailure { BenchFailure("the core answered otherwise") }
}
