// The daemon, put together: it reads the configuration, commits the region, opens the sockets,
// starts its threads and runs the control loop until a signal. Whatever cannot be had is said in
// one sentence, before anything is announced.

import CoherentControl
import CoherentCore
import CoherentSystem

package enum Daemon {
  /// EX_OSERR of sysexits.h(3head): the machine lacks what is needed.
  private static let systemStatus: Int32 = 71

  /// Runs `coherentd` with these arguments (without the program's name); the exit status.
  package static func run(arguments: [String]) -> Int32 {
    let beginning = DaemonBeginning(arguments: arguments)
    if let status = beginning.writeEnding() { return status }
    guard case .run(let configuration, let reading, let location) = beginning else { return 0 }
    let log = Log(level: configuration.logLevel)
    do {
      try serve(configuration, reading, location, log)
      return 0
    } catch {
      log.event(.startFailed(reason: "\(error)"))
      return systemStatus
    }
  }

  private static func serve(
    _ configuration: Configuration, _ reading: ConfigurationReading,
    _ location: ConfigurationLocation, _ log: Log
  ) throws {
    // The watchdog's signal is for a daemon that hangs: it ends it at once, with a core dump.
    Process.restoreDefaultAction(ofSignal: Signal.abort)
    // Before any thread: all of them inherit that these signals wait for the control loop.
    let signals = try SignalDescriptor(
      signals: [Signal.terminate, Signal.interrupt, Signal.hangUp])
    _ = try? Process.raiseDescriptorLimit()
    let faultDevice = configuration.passesUserfaultDevice ? try FaultDevice() : nil
    let region = try RegionFile(
      blocks: configuration.blocks, blockBytes: configuration.blockSizeBytes,
      frameBytes: configuration.frameSizeBytes)
    let engine = try Engine(CoreConfiguration(configuration))
    let housekeeper = Housekeeper(engine: engine, region: region, log: log)
    let performer = Performer(
      engine: engine, housekeeper: housekeeper, mailbox: try Mailbox(), log: log,
      frameBytes: configuration.frameSizeBytes)
    let passed = Supervisor.passedSockets()
    let listener = try Listening.client(configuration, passed)
    let inEffect = ConfigurationInEffect(configuration)
    let source = DaemonControlSource(performer: performer, inEffect: inEffect, region: region)
    let control = try ControlServer(
      listener: try Listening.control(configuration, passed),
      settings: controlSettings(configuration, log), source: source)
    try housekeeper.start()
    let loop = try ConnectionLoop(
      inEffect: inEffect, performer: performer,
      reloader: Reloader(
        location: location, reading: reading, inEffect: inEffect, performer: performer),
      listener: listener, signals: signals, faultDevice: faultDevice,
      describesItself: { source.sentence() })
    announce(configuration, loop, log)
    try loop.beginWatchdog()
    let left = loop.run()
    log.sayWhatIsMissing(atEnd: true)
    guard left == 0 else {
      loop.reportLoss()
      Process.exitAtOnce(systemStatus)
    }
    control.stop()
    housekeeper.stop()
    Listening.removeFiles(configuration, passed)
    log.notice("stopped")
  }

  /// The region is committed and the sockets listen.
  private static func announce(
    _ configuration: Configuration, _ loop: ConnectionLoop, _ log: Log
  ) {
    log.event(
      .blockStateChanged(
        0..<configuration.blocks, state: "online", blockBytes: configuration.blockSizeBytes))
    log.event(.started(configuration))
    let status = loop.statusText()
    Supervisor.ready(status: status)
    loop.statusLine.wasTold(status)
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
