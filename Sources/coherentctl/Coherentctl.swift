// The command line of the administrator: what there is, who uses it, and orders to move it. It
// keeps nothing and decides nothing; every command is a call or two of io.coherentd.Control.
import ArgumentParser
import CoherentControl

@main
struct Coherentctl: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "coherentctl",
    abstract: "Show and steer coherentd, which shares device memory between processes.",
    usage: "coherentctl [OPTIONS...] COMMAND ...",
    discussion: """
      Without a command: status. The options of `coherentctl status --help` work with every \
      command, before or after it.

      EXAMPLES:
        coherentctl                          how full the device is
        coherentctl sessions                 which processes use it
        coherentctl allocations --session 3  where the memory of one of them is
        coherentctl pins                     who keeps memory in place, and who waits
        coherentctl evict --bytes 512M       free so much of the device
        coherentctl migrate 3 17 device      bring an allocation back to it
        coherentctl --json status | jq .free_bytes
        coherentctl block add --count 2 --online   more device memory
        coherentctl block offline 3 --dry-run      what taking a block away would do
        coherentctl top                      who uses it right now
        coherentctl map                      what lies where
        coherentctl why 17 --session 3       why an allocation is where it is
        coherentctl events --follow          what the daemon does
        coherentctl pressure                 how much time is lost to waiting
        coherentctl metrics                  all the numbers, for Prometheus

      EXIT STATUS:
        0   done
        1   the daemon refused, was too late, or something failed
        3   the daemon is not running
        4   no such session, allocation or block
        64  the command line is wrong

      ENVIRONMENT:
        COHERENTD_CONTROL_SOCKET  the daemon's control socket; --socket goes first
        NO_COLOR                  no colour, not even on a terminal

      Shell completion: coherentctl --generate-completion-script bash (or zsh, fish).
      """,
    version: "coherentctl \(ProductVersion.text)",
    subcommands: [
      StatusCommand.self, SessionsCommand.self, AllocationsCommand.self, PinsCommand.self,
      EvictCommand.self, MigrateCommand.self, ReloadCommand.self, BlockCommand.self,
      TopCommand.self, MapCommand.self, PressureCommand.self, EventsCommand.self, WhyCommand.self,
      MetricsCommand.self,
    ],
    defaultSubcommand: StatusCommand.self)

  static func main() { Program.run(Array(CommandLine.arguments.dropFirst())) }
}
