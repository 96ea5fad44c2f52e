// `coherent-bench files DIR`: real input. Several processes load a tree of files into device
// memory, more than the device holds, while a thread here orders evictions; then every file's
// digest, taken from device memory, must be that of the file on the disk.

import ArgumentParser
import CoherentControl
import CoherentSystem

struct FilesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "files",
    abstract: "Load a tree of files into device memory under eviction, and check every byte.",
    discussion: """
      Loads the regular files below DIR, again from the start if they are too few, until four \
      times the device is filled. Symbolic links are not followed; what cannot be read, and what \
      changes on the disk meanwhile, is counted and skipped.

      EXIT STATUS:
        0    every file was right
        1    one was not, or something failed
        130  interrupted; everything that was started is gone
      """)

  @Argument(help: ArgumentHelp("The directory.", valueName: "dir"), completion: .directory)
  var directory: String

  @OptionGroup var options: DaemonOptions

  @Option(
    help: ArgumentHelp(
      "Load so much, instead of four times the device.", valueName: "size"))
  var limit: SizeArgument?

  @Option(help: ArgumentHelp("How many processes load.", valueName: "n"))
  var workers = 4

  private static let timesDevice: UInt64 = 4
  private static let deviceBytes: UInt64 = 256 << 20

  func validate() throws {
    guard (1...64).contains(workers) else {
      throw ValidationError("--workers takes a number from 1 to 64.")
    }
  }

  func run() throws {
    // A wrong name is said before a daemon is started.
    _ = try Directory.names(path: directory)
    let bench = try Bench(options: options, repetitions: 1)
    try bench.withDaemon(try plan(), at: .asFound) { daemon in
      let before = try daemon.status()
      let start = Clock.monotonicNanoseconds()
      let (summary, wrong) = try load(daemon, before)
      let seconds = Double(Clock.monotonicNanoseconds() - start) / 1e9
      if options.json {
        StandardOutput.write(String(decoding: JSONCoding.encode(summary), as: UTF8.self) + "\n")
      } else {
        StandardOutput.write(summary.text(seconds: seconds))
      }
      guard summary.mismatches == 0 else {
        throw BenchFailure(
          "\(summary.mismatches) files differ from the disk: \(wrong.joined(separator: ", "))")
      }
    }
  }

  /// Small files fill whole frames, so more may have to be evicted than is loaded.
  private func plan() throws -> DaemonPlan {
    let device = options.device?.bytes ?? Self.deviceBytes
    let wanted = limit?.bytes ?? device * Self.timesDevice
    let available = try HostMemory.availableBytes() / 2
    let host = device + max(wanted * 2, min(wanted * 16, available))
    return DaemonPlan(deviceBytes: device, hostBytes: host)
  }

  private func load(
    _ daemon: Daemon, _ before: StatusReport
  ) throws -> (summary: FilesSummary, wrong: [String]) {
    let wanted = limit?.bytes ?? before.onlineBytes * Self.timesDevice
    let share = (Int(clamping: wanted) + workers - 1) / workers
    let crew = try WorkerCrew(
      "files", count: workers,
      ["--socket", daemon.socketPath, "--directory", directory, "--share", "\(share)"])
    let evictor = try BackgroundEvictor(
      controlPath: daemon.controlPath, largestBytes: before.onlineBytes / 8)
    do {
      try watch(crew, daemon, before)
    } catch {
      // Its own failure, if there is one, has the same reason.
      try? evictor.finish()
      throw error
    }
    try evictor.finish()
    let after = try daemon.status()
    try crew.end()
    try LossCheck.expectNothingLost(since: before, after)
    return (
      FilesSummary(crew.reports, before: before, now: after), crew.reports.compactMap(\.message)
    )
  }

  /// Shows what the workers do until they are done.
  private func watch(_ crew: WorkerCrew, _ daemon: Daemon, _ before: StatusReport) throws {
    var control = try ControlClient(path: daemon.controlPath)
    var line = ProgressLine()
    defer { line.end() }
    let tick = {
      try line.show {
        FilesSummary(crew.reports, before: before, now: try control.status()).progress
      }
    }
    try crew.wait(for: .loaded, milliseconds: 200, tick: tick)
    try crew.tell("check")
    try crew.wait(for: .done, milliseconds: 200, tick: tick)
  }
}
