// `coherent-bench daemon-crash`: its command line.

import ArgumentParser
import CoherentControl
import CoherentSystem

struct DaemonCrashCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "daemon-crash",
    abstract: "Kill the daemon again and again under its clients: nothing may be lost.",
    discussion: """
      Supervises a daemon of its own as systemd would, keeping its sockets and descriptors. \
      Clients hold three times the device: words that never change, and words that threads count \
      up while they remember in memory of their own what they wrote. Others allocate, pin, move \
      and free meanwhile. The daemon is killed at random moments and at each of its kill points; \
      after each restart everything is compared.
      """)

  @Option(help: ArgumentHelp("How often the daemon dies.", valueName: "n"))
  var rounds = 200

  @Option(help: ArgumentHelp("How many clients there are.", valueName: "n"))
  var clients = 3

  @Option(help: ArgumentHelp("The device: 4M or more, a multiple of 2M.", valueName: "size"))
  var device = SizeArgument(argument: "32M")!

  @Option(help: ArgumentHelp("What the moments are picked from.", valueName: "n"))
  var seed: UInt64 = 1

  @Option(help: ArgumentHelp("Die at this kill point only; may be repeated.", valueName: "name"))
  var point: [String] = []

  @Flag(help: "Print one JSON object.")
  var json = false

  func validate() throws {
    guard (1...1_000_000).contains(rounds) else {
      throw ValidationError("--rounds takes a number from 1 to 1000000.")
    }
    guard (1...64).contains(clients) else {
      throw ValidationError("--clients takes a number from 1 to 64.")
    }
    guard DaemonPlan.accepts(deviceBytes: device.bytes) else {
      throw ValidationError("--device takes 4M or more, a multiple of 2M.")
    }
  }

  func run() throws {
    let known = try KillPointList.ofDaemon()
    for name in point where !known.contains(name) {
      throw BenchFailure("the daemon has no kill point '\(name)'; it has \(known)")
    }
    let run = try DaemonCrashRun(
      deviceBytes: device.bytes, clients: clients,
      schedule: CrashSchedule(points: point.isEmpty ? known : point, seed: seed))
    let summary = try run.perform(rounds: rounds)
    if json {
      let text = String(decoding: JSONCoding.encode(summary), as: UTF8.self)
      StandardOutput.write(text + "\n")
    } else {
      StandardOutput.write(summary.text)
    }
    guard summary.isClean else { throw BenchFailure("something was lost or done twice") }
  }
}
