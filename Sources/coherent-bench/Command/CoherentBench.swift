// The benchmarks' command line. Every figure is printed beside a floor, which is the same work done
// without coherentd, in the same run and on the same processors.

import ArgumentParser
import CoherentControl
import CoherentSystem

@main
struct CoherentBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "coherent-bench",
    abstract: "Measure coherentd, each figure beside the floor that the machine sets.",
    discussion: """
      Starts a daemon of its own, beside this program, with temporary sockets and the device that \
      the scenario needs, unless --socket names a running one. Processes are bound to processors: \
      `same core` puts client and daemon on one, `across cores` on two, so that every message has \
      to wake the other. Times are in microseconds or nanoseconds, less is better; throughput is \
      in MiB/s, more is better. The ratio is the value's median to the floor's.

      A target that is missed does not change the exit status.

      EXAMPLES:
        coherent-bench                         everything but files, daemon-crash and hostile
        coherent-bench request --repeat 11     the cost of a request, more carefully
        coherent-bench evict --huge-pages      with a region of huge pages
        coherent-bench many --json | jq .bytes_each
        coherent-bench pin                     pins that need no message, beside their floor
        coherent-bench daemon-crash --json     kill the daemon 200 times: nothing may be lost
        coherent-bench hostile                 each attack, and who waits for it how long
        coherent-bench files /usr/lib          real input: not a byte may be wrong

      EXIT STATUS:
        0    measured
        1    could not measure, or a byte was wrong
        64   the command line is wrong
        130  interrupted; everything that was started is gone
      """,
    version: "coherent-bench \(ProductVersion.text)",
    subcommands: [
      AllCommand.self,
      ScenarioCommand<AccessScenario>.self, ScenarioCommand<RequestScenario>.self,
      ScenarioCommand<FaultScenario>.self, ScenarioCommand<EvictScenario>.self,
      ScenarioCommand<RestoreScenario>.self, ScenarioCommand<ManyScenario>.self,
      ScenarioCommand<PressureScenario>.self, ScenarioCommand<CoreScenario>.self,
      ScenarioCommand<PinScenario>.self, ScenarioCommand<ClientCrashScenario>.self,
      ScenarioCommand<OfflineScenario>.self, ScenarioCommand<HostileScenario>.self,
      DaemonCrashCommand.self, FilesCommand.self, WorkerCommand.self,
    ],
    defaultSubcommand: AllCommand.self)

  static func main() { Program.run(Array(CommandLine.arguments.dropFirst())) }
}
