// The first steps of the daemon: the command line and the configuration, up to the point where it
// is known whether there is anything to run. It is pure; the texts that it gives out are whole, for
// standard output and standard error, and the one who asked for it writes them.

package enum DaemonBeginning: Sendable {
  /// Run with this; the location is read again on a reload.
  case run(Configuration, ConfigurationReading, ConfigurationLocation)
  /// There are mistakes in it. A daemon that goes on with clients' data leaves out what is wrong;
  /// any other ends by `refusal`.
  case unsound(ConfigurationReading, ConfigurationLocation)
  /// Write the texts and exit with the status.
  case finished(status: Int32, output: String, errors: String)

  /// EX_USAGE of sysexits.h(3head).
  package static let usageStatus: Int32 = 64
  /// EX_CONFIG of sysexits.h(3head); systemd shows it as CONFIG.
  package static let configurationStatus: Int32 = 78

  /// Decides what to do; `read` brings the configuration where one is needed.
  package init(
    arguments: [String], read: (ConfigurationLocation) -> ConfigurationReading
  ) {
    switch DaemonOptions(arguments: arguments) {
    case .showHelp: self = .finished(status: 0, output: DaemonOptions.usage, errors: "")
    case .showVersion:
      self = .finished(status: 0, output: "coherentd \(DaemonOptions.version)\n", errors: "")
    case .showKillPoints:
      self = .finished(
        status: 0, output: KillPoint.allCases.map { "\($0.rawValue)\n" }.joined(), errors: "")
    case .unusable(let sentence):
      self = .finished(
        status: Self.usageStatus, output: "",
        errors: "coherentd: \(sentence)\n\(DaemonOptions.usage)")
    case .checkConfiguration(let location): self = Self.check(read(location))
    case .run(let location):
      let reading = read(location)
      if let configuration = reading.configuration {
        self = .run(configuration, reading, location)
      } else {
        self = .unsound(reading, location)
      }
    }
  }

  private static func check(_ reading: ConfigurationReading) -> DaemonBeginning {
    guard reading.configuration != nil else { return refusal(reading) }
    return .finished(
      status: 0, output: "configuration is good\n\n" + reading.render(), errors: "")
  }

  /// The end of a daemon that would begin with mistakes, and on which nobody depends yet.
  package static func refusal(_ reading: ConfigurationReading) -> DaemonBeginning {
    .finished(
      status: configurationStatus, output: "",
      errors: reading.problems.map { "\($0)\n" }.joined())
  }
}
