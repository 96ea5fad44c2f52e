// The daemon's command line: a few options, read by hand because a parser's library would be most
// of the daemon's size. It is pure. What it does not understand it never ignores.

package enum DaemonOptions: Equatable, Sendable {
  case run(ConfigurationLocation)
  case checkConfiguration(ConfigurationLocation)
  case showHelp
  case showVersion
  case showKillPoints
  /// What is wrong with the command line, as a sentence.
  case unusable(String)

  /// The release that this is.
  package static let version = "0.1.0"

  package static let usage = """
    Usage: coherentd [--config FILE] [--check-config]
    Shares a coherent memory device between processes.

      --config FILE     read FILE and FILE.d/*.conf instead of searching
                        coherentd/coherentd.conf in /etc, /run, /usr/local/lib, /usr/lib
      --check-config    check the configuration, show it with its origins, and exit
      --help            show this help and exit
      --version         show the version and exit

    Exit status: 64 for a wrong command line, 78 for a wrong configuration, 71 if the daemon cannot
    start, 74 if the output cannot be written.

    """

  /// Reads the arguments, without the program's name. Of --help, --version and --kill-points (which
  /// is for tests, and no help mentions) the first wins, and wins over everything that is usable
  /// beside it.
  package init(arguments: [String]) {
    var location = ConfigurationLocation.standard
    var checks = false
    var shows: DaemonOptions?
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      switch argument {
      case "--help", "-h": shows = shows ?? .showHelp
      case "--version": shows = shows ?? .showVersion
      case "--kill-points": shows = shows ?? .showKillPoints
      case "--check-config": checks = true
      case "--config":
        guard let path = rest.popFirst(), !path.isEmpty else {
          self = .unusable("--config needs the path of a file")
          return
        }
        location = .file(path)
      case _ where argument.hasPrefix("--config=") && argument != "--config=":
        location = .file(String(argument.dropFirst("--config=".count)))
      default:
        self = .unusable("unknown option \(ConfigurationProblem.printable(argument))")
        return
      }
    }
    self = shows ?? (checks ? .checkConfiguration(location) : .run(location))
  }
}
