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
    guard case .run(let configuration, _, _) = beginning else { return 0 }
    let log = Log(level: configuration.logLevel)
    do {
      try serve(configuration, log)
      return 0
    } catch {
      log.error("\(error)")
      return systemStatus
    }
  }

  private static func serve(_ configuration: Configuration, _ log: Log) throws {
    // Before any thread: all of them inherit that these signals wait for the control loop.
    let signals = try SignalDescriptor(signals: [Signal.terminate, Signal.interrupt])
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
    let source = DaemonControlSource(
      performer: performer, configuration: configuration, region: region)
    let control = try ControlServer(
      listener: try Listening.control(configuration, passed),
      settings: controlSettings(configuration, log), source: source)
    try housekeeper.start()
    let loop = try ConnectionLoop(
      configuration: configuration, performer: performer, listener: listener, signals: signals,
      faultDevice: faultDevice, describesItself: { source.sentence() })
    log.notice(
      "ready: \(SizeText.render(configuration.regionBytes)) of device memory in "
        + "\(configuration.blocks) blocks, clients at \(configuration.clientSocketPath), "
        + "administration at \(configuration.controlSocketPath)")
    Supervisor.ready(status: source.sentence())
    let left = loop.run()
    guard left == 0 else {
      log.error("\(left) sessions did not get their data back in time; they lose what was evicted")
      Process.exitAtOnce(systemStatus)
    }
    control.stop()
    housekeeper.stop()
    Listening.removeFiles(configuration, passed)
    log.notice("stopped")
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

private enum Signal {
  static let interrupt: CInt = 2
  static let terminate: CInt = 15
}
