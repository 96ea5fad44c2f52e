// The housekeeper on a host that lacks memory: it goes on giving back, and it can be stopped. The
// region's file is sealed and has no room, so that whatever takes memory fails.

import CoherentCore
import CoherentShared
import CoherentSystem
import CoherentWire
import TestSupport
import Testing

@testable import CoherentDaemon

@Suite struct HousekeeperTests {
  private static let frame: UInt64 = 65536
  private static let wantedFrames = 512
  private static let placedFrames = 256
  private let sink = CollectingSink()

  @Test func whatGivesMemoryBackDoesNotWaitForWhatCannotBeHad() throws {
    let performer = try makePerformer()
    try queueFillsBeforePunches(performer)
    let engine = performer.engine
    let housekeeper = performer.housekeeper
    let placement = ThreadPlacement(performer.nodes, performer.log)
    var effects: [Effect] = []
    let works = engine.look { core, _ in core.takeCarvingWork(limit: Self.placedFrames) }
    #expect(works.allSatisfy { $0.fills })
    #expect(housekeeper.carve(works, performer, placement, &effects) != nil)
    #expect(engine.carvingBacklog.frames == Self.wantedFrames + Self.placedFrames)
    housekeeper.giveBack(performer, placement, &effects)
    let left = engine.look { core, _ in core.takeCarvingWork(limit: .max) }
    #expect(left.allSatisfy { $0.fills }, "all that could be given back was")
    #expect(left.reduce(0) { $0 + $1.count } == Self.wantedFrames, "nothing else is forgotten")
  }

  @Test func itStopsWhileTheHostLacksMemory() throws {
    let performer = try makePerformer()
    try queueFillsBeforePunches(performer)
    try performer.housekeeper.start(performer)
    performer.housekeeper.wake()
    let deadline = Clock.monotonicNanoseconds() + 60_000_000_000
    while performer.engine.carvingBacklog.frames != Self.wantedFrames || sink.texts.isEmpty {
      try #require(Clock.monotonicNanoseconds() < deadline, "it never gave back")
      Thread.yield()
    }
    performer.housekeeper.stop()
    #expect(performer.engine.carvingBacklog.frames == Self.wantedFrames)
    #expect(sink.texts.contains { $0.contains("the region lacks memory that it announces") })
  }

  // MARK: a daemon without clients

  private func makePerformer() throws -> Performer {
    let log = Log(level: .notice, sink: sink)
    let text = "[Region]\nBlockSize=64M\nBlocks=1\nMaximumBlocks=1\n"
    let reading = ConfigurationReading(
      sources: [ConfigurationSource(path: "test", bytes: Array(text.utf8))], pageSizeBytes: 4096)
    let geometry = RegionGeometry(try #require(reading.configuration, "\(reading.problems)"))
    let nodes = DeviceNodes()
    let file = try MemoryFile(name: "full-region", sizeBytes: UInt64(PageSize.bytes))
    try file.seal()
    let region = try RegionFile(
      filling: file, geometry, blocks: 0, .unbound, nodes, .no, ledger: nil,
      ThreadPlacement(nodes, log))
    var configuration = CoreConfiguration()
    configuration.onlineFrames = 1024
    configuration.arenaFrames = 1024
    configuration.hostLimitFrames = 1024
    let engine = try Engine(Core(configuration)) { _, _ in }
    let housekeeper = Housekeeper(engine: engine, region: region, log: log)
    return Performer(
      engine: engine, housekeeper: housekeeper, mailbox: try Mailbox(), log: log,
      frameBytes: Self.frame, keeper: nil)
  }

  /// One allocation was carved out and is free again, another one has just been touched.
  private func queueFillsBeforePunches(_ performer: Performer) throws {
    let engine = performer.engine
    let connected = engine.look { core, now in core.connect(process: 7, now) }
    let session = try connected.get()
    engine.look { core, _ in core.attached(session) }
    let freed = try touchedAllocation(Self.wantedFrames, session, engine)
    finish(take(engine), succeeded: true, engine)
    _ = try touchedAllocation(Self.placedFrames, session, engine)
    let punches = take(engine)
    #expect(punches.reduce(0) { $0 + $1.count } == Self.placedFrames)
    try free(freed, session, engine)
    finish(punches, succeeded: false, engine)
  }

  private func take(_ engine: Engine) -> [CarvingWork] {
    engine.look { core, _ in core.takeCarvingWork(limit: 1024) }
  }

  private func finish(_ works: [CarvingWork], succeeded: Bool, _ engine: Engine) {
    var effects: [Effect] = []
    engine.step(&effects) { core, now, effects in
      for work in works { core.carved(work, succeeded: succeeded, now, &effects) }
    }
  }

  private func touchedAllocation(
    _ frames: Int, _ session: SessionID, _ engine: Engine
  ) throws -> HandleID {
    var effects: [Effect] = []
    let request = Request.allocate(
      sizeBytes: UInt64(frames) * Self.frame, alignmentBytes: 0, timeoutMilliseconds: 0,
      priority: 128)
    engine.step(&effects) { core, now, effects in
      core.request(request, number: RequestID(rawValue: 1), from: session, now, &effects)
    }
    var granted: (handle: HandleID, first: Int)?
    for case .reply(_, _, .allocated(let handle, let offset, _, _)) in effects {
      granted = (handle, Int(offset / Self.frame))
    }
    let (handle, first) = try #require(granted)
    for index in first..<first + frames {
      engine.step(&effects) { core, now, effects in
        let decision = core.fault(
          session, frame: index, isWrite: true, isWriteProtect: false, now, &effects)
        if case .fill(let order) = decision { core.filled(session, order, now, &effects) }
      }
    }
    return handle
  }

  /// The pager does at once what follows.
  private func free(_ handle: HandleID, _ session: SessionID, _ engine: Engine) throws {
    var effects: [Effect] = []
    engine.step(&effects) { core, now, effects in
      core.request(
        .free(handle), number: RequestID(rawValue: 2), from: session, now, &effects)
    }
    var jobs: [Job] = []
    repeat {
      jobs = effects.compactMap { if case .job(let job) = $0 { job } else { nil } }
      effects = []
      engine.step(&effects) { core, now, effects in
        for job in jobs { core.completed(job, .done, now, &effects) }
      }
    } while !jobs.isEmpty
  }
}
