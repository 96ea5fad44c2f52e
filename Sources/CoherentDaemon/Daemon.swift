// The daemon, put together: it reads the configuration, commits the region, opens the sockets,
// starts its threads and runs the control loop until a signal. Whatever cannot be had is said in
// one sentence, before anything is announced.

import CoherentControl
import CoherentCore
import CoherentShared
import CoherentSystem

package enum Daemon {
  /// EX_OSERR of sysexits.h(3head): the machine lacks what is needed.
  private static let systemStatus: Int32 = 71

  /// Runs `coherentd` with these arguments (without the program's name); the exit status.
  package static func run(arguments: [String]) -> Int32 {
    StandardStreams.complete()
    StandardError.stopWaiting(ownSocket: JournalSink.isStandardError)
    // Whoever reads the log may go at any time, which is no reason to end.
    Process.ignore(signal: Signal.brokenPipe)
    let beginning = DaemonBeginning(arguments: arguments)
    if let status = beginning.writeEnding() { return status }
    var kept = KeptDescriptors(
      Supervisor.passedDescriptors(), socketNames: Listening.names)
    let (reading, location): (ConfigurationReading, ConfigurationLocation)
    switch beginning {
    case .run(_, let sound, let place): (reading, location) = (sound, place)
    case .unsound(let unsound, let place) where !kept.isEmpty:
      (reading, location) = (unsound, place)
    case .unsound(let unsound, _): return DaemonBeginning.refusal(unsound).writeEnding() ?? 0
    case .finished(let status, _, _): return status
    }
    do {
      let log = try Log(level: reading.setting(.logLevel).value.asLevel)
      defer { log.end() }
      return serve(reading, location, &kept, log)
    } catch {
      StandardError.write("coherentd: the log cannot be written: \(error)\n", milliseconds: 1000)
      return systemStatus
    }
  }

  private static func serve(
    _ reading: ConfigurationReading, _ location: ConfigurationLocation,
    _ kept: inout KeptDescriptors, _ log: Log
  ) -> Int32 {
    do {
      try begin(reading, location, &kept, log)
      return 0
    } catch {
      log.event(.startFailed(reason: "\(error)"))
      return systemStatus
    }
  }

  private static func begin(
    _ reading: ConfigurationReading, _ location: ConfigurationLocation,
    _ kept: inout KeptDescriptors, _ log: Log
  ) throws {
    let startedNanoseconds = Clock.monotonicNanoseconds()
    // The watchdog's signal is for a daemon that hangs: it ends it at once, with a core dump.
    Process.restoreDefaultAction(ofSignal: Signal.abort)
    // Before any thread: all of them inherit that these signals wait for the control loop.
    let signals = try SignalDescriptor(
      signals: [Signal.terminate, Signal.interrupt, Signal.hangUp, Signal.user2])
    _ = try? Process.raiseDescriptorLimit()
    if let configuration = reading.configuration {
      try FileSizeLimit.check(configuration)
      sayFewerSessions(configuration, log)
    }
    for problem in reading.problems { log.error("\(problem)") }
    if let configuration = reading.configuration {
      try Listening.check(configuration, kept.sockets)
    }
    let beginning: Beginning
    if let inheritance = Inheritance.found(in: &kept, log) {
      beginning = try .goingOn(inheritance, &kept, reading, log)
    } else {
      beginning = try .clean(reading, log)
    }
    let keeper = beginning.keeper
    let nodes = beginning.region.nodes
    let engine = try Engine(beginning.takeCore()) { block, record in
      let node = nodes.node(of: record.kind).map { UInt16($0) }
      keeper?.ledger.note(LedgerBlock(record, node: node), at: block)
    }
    let housekeeper = Housekeeper(engine: engine, region: beginning.region, log: log)
    let performer = Performer(
      engine: housekeeper.engine, housekeeper: housekeeper, mailbox: try Mailbox(), log: log,
      frameBytes: beginning.configuration.frameSizeBytes, keeper: beginning.keeper)
    try run(
      beginning, performer, signals, kept.sockets, location,
      startedNanoseconds: startedNanoseconds)
  }

  /// The default of Sessions= may be more than there are descriptors for.
  private static func sayFewerSessions(_ configuration: Configuration, _ log: Log) {
    let possible = DescriptorBudget.sessionsAtMost
    guard configuration.maximumSessions > possible else { return }
    log.warning(
      "at most \(possible) sessions instead of \(configuration.maximumSessions): each takes "
        + "\(DescriptorBudget.perSession) of the descriptors that this process may open, "
        + "\(ResourceLimit.descriptors.highest ?? 0) (LimitNOFILE= of the unit, ulimit -n)")
  }

  /// From the region to the end.
  private static func run(
    _ beginning: Beginning, _ performer: Performer, _ signals: consuming SignalDescriptor,
    _ passed: [String: CInt], _ location: ConfigurationLocation, startedNanoseconds: UInt64
  ) throws {
    let configuration = beginning.configuration
    let log = performer.log
    let faultDevice = configuration.passesUserfaultDevice ? try FaultDevice() : nil
    let files = ListeningFiles()
    defer { files.remove() }
    let listener = try Listening.client(configuration, passed, files)
    let inEffect = ConfigurationInEffect(configuration)
    let worker = BlockWorker(performer)
    let accountant = Accountant(performer, beginning.region, inEffect)
    let source = DaemonControlSource(
      performer: performer, inEffect: inEffect, region: beginning.region, worker: worker,
      accountant: accountant)
    let loop = try ConnectionLoop(
      inEffect: inEffect, performer: performer,
      reloader: Reloader(
        location: location, reading: beginning.reading, inEffect: inEffect, performer: performer,
        complaint: beginning.complaint),
      listener: listener, signals: signals, faultDevice: faultDevice,
      blockHeartbeat: worker.heartbeat, describesItself: { source.sentence() })
    let controlListener = try Listening.control(configuration, passed, files)
    let controlSettings = try controlSettings(configuration, log)
    recover(beginning, loop, startedNanoseconds: startedNanoseconds)
    // From now on others than this thread have events for the core: who they are about is there.
    try performer.housekeeper.start(performer)
    try worker.start()
    let memory = MemoryWatch(performer)
    try memory.start()
    loop.memory = memory
    try accountant.start()
    let control = try ControlServer(
      listener: controlListener, settings: controlSettings, source: source)
    performer.engine.setHistoryBell { control.wakeFollowers() }
    announce(configuration, loop, log)
    try loop.beginWatchdog()
    let left = loop.run()
    performer.keeper?.endAll(Array(loop.sessions.keys))
    loop.letGo()
    guard left == 0 else {
      loop.reportLoss()
      log.end()
      Process.exitAtOnce(systemStatus)
    }
    control.stop()
    worker.stop()
    memory.stop()
    accountant.stop()
    performer.housekeeper.stop()
    files.remove()
    log.sayWhatIsMissing(atEnd: true)
    log.notice("stopped")
  }

  /// Goes on with the sessions of the daemon before, if there were any.
  private static func recover(
    _ beginning: Beginning, _ loop: ConnectionLoop, startedNanoseconds: UInt64
  ) {
    guard let generation = beginning.keeper?.ledger.generation, generation > 1 else { return }
    let adopted = beginning.takeAdopted()
    loop.adopt(adopted, generation: generation)
    for session in beginning.takeLost() { session.report(to: loop.performer) }
    let status = loop.performer.engine.look { core, _ in core.status() }
    loop.performer.log.event(
      .recovered(
        sessions: adopted.count, allocations: status.allocations,
        bytes: beginning.adoptedBytes,
        durationMilliseconds: (Clock.monotonicNanoseconds() - startedNanoseconds) / 1_000_000))
    KillPoint.reached(.beforeReady)
  }

  /// The region is committed and the sockets listen.
  private static func announce(
    _ configuration: Configuration, _ loop: ConnectionLoop, _ log: Log
  ) {
    let blocks = loop.performer.engine.look { core, _ in core.blocks(from: 0, limit: .max).list }
    for run in runs(of: blocks) {
      log.event(
        .blockStateChanged(
          run.blocks, state: HistoryText.word(run.state),
          blockBytes: configuration.blockSizeBytes))
    }
    let online = blocks.count { $0.state.isCounted }
    log.event(
      .started(
        configuration, onlineBytes: UInt64(online) * configuration.blockSizeBytes, blocks: online))
    let status = loop.statusText()
    Supervisor.ready(status: status)
    loop.statusLine.wasTold(status)
  }

  /// Blocks in a row that are in one state.
  private static func runs(
    of blocks: [BlockStatus]
  ) -> [(blocks: Range<Int>, state: CoherentCore.BlockState)] {
    var runs: [(blocks: Range<Int>, state: CoherentCore.BlockState)] = []
    for block in blocks {
      if let last = runs.last, last.blocks.upperBound == block.block, last.state == block.state {
        runs[runs.count - 1].blocks = last.blocks.lowerBound..<block.block + 1
      } else {
        runs.append((block.block..<block.block + 1, block.state))
      }
    }
    return runs
  }

  private static func controlSettings(
    _ configuration: Configuration, _ log: Log
  ) throws -> ControlServer.Settings {
    let group = try Listening.group(configuration.controlSocketGroup)
    return ControlServer.Settings(
      administrators: AdministratorRule(
        daemonUser: Process.effectiveUser, group: group,
        groupName: configuration.controlSocketGroup),
      info: ServiceInfo(
        vendor: "coherentd", product: "coherentd", version: DaemonOptions.version, url: ""),
      report: { event in log.aboutClient("control", .notice, "administration: \(event)") })
  }
}
