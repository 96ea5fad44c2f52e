// The daemon's command line and what it says about a configuration before it runs.

import CoherentDaemon
import Testing

@Suite struct DaemonBeginningTests {
  @Test(arguments: [
    ([], DaemonOptions.run(.standard)),
    (["--config", "a"], .run(.file("a"))), (["--config=a=b"], .run(.file("a=b"))),
    (["--config", "a", "--config=b"], .run(.file("b"))),
    (["--config", "--help"], .run(.file("--help"))),
    (["--check-config"], .checkConfiguration(.standard)),
    (["--check-config", "--config", "a"], .checkConfiguration(.file("a"))),
    (["--help"], .showHelp), (["-h"], .showHelp), (["--version"], .showVersion),
    (["--kill-points"], .showKillPoints),
    (["--version", "--help", "--check-config"], .showVersion),
    (["--config"], .unusable("--config needs the path of a file")),
    (["--config", ""], .unusable("--config needs the path of a file")),
    (["--config="], .unusable("unknown option --config=")),
    (["--chek-config"], .unusable("unknown option --chek-config")),
    (["--help", "extra"], .unusable("unknown option extra")),
    ([""], .unusable("unknown option ")), (["--\u{1B}["], .unusable("unknown option --\\u{1B}[")),
  ])
  func readsItsOptions(_ arguments: [String], _ options: DaemonOptions) {
    #expect(DaemonOptions(arguments: arguments) == options)
  }

  private func finished(
    _ arguments: [String], _ text: String
  ) -> (status: Int32, output: String, errors: String)? {
    var beginning = DaemonBeginning(arguments: arguments) { _ in ConfigurationSample.read(text) }
    if case .unsound(let reading, _) = beginning { beginning = DaemonBeginning.refusal(reading) }
    guard case .finished(let status, let output, let errors) = beginning else { return nil }
    return (status, output, errors)
  }

  @Test func listsItsKillPointsOneALine() throws {
    let end = try #require(finished(["--kill-points"], ""))
    #expect(end.status == 0 && end.errors.isEmpty)
    #expect(end.output.split(separator: "\n").contains("before-punch"))
  }

  @Test func exitsWith64AndTheUsageOnAnUnknownOption() throws {
    let end = try #require(finished(["--frobnicate"], ""))
    #expect(end.status == 64)
    #expect(end.output.isEmpty)
    #expect(end.errors.hasPrefix("coherentd: unknown option --frobnicate\nUsage: coherentd "))
  }

  @Test(arguments: [["--check-config"], []])
  func exitsWith78AndEveryProblemOnABadConfiguration(_ arguments: [String]) throws {
    let end = try #require(finished(arguments, "[Region]\nFrameSize=63K\nnonsense\n"))
    #expect(end.status == 78)
    #expect(end.output.isEmpty)
    #expect(
      end.errors == """
        f1.conf:2: [Region] FrameSize=63K: expected a power of two from 4K to 2M
        f1.conf:3: nonsense: expected Key=Value; the equals sign is missing

        """)
  }

  @Test func showsEveryValueWithItsOriginWhereTheConfigurationIsGood() throws {
    let end = try #require(finished(["--check-config"], "[Region]\nBlocks=2\n"))
    #expect(end.status == 0)
    #expect(end.errors.isEmpty)
    #expect(end.output.hasPrefix("configuration is good\n\n[Region]\n# default\nBlockSize=128M\n"))
    #expect(end.output.contains("\n# f1.conf:2\nBlocks=2\n"))
    for row in ConfigurationTable.rows { #expect(end.output.contains("\n\(row.name)=")) }
  }

  @Test func runsOnAGoodConfiguration() {
    let beginning = DaemonBeginning(arguments: ["--config", "a"]) { location in
      #expect(location == .file("a"))
      return ConfigurationSample.read("[Region]\nBlocks=2\n")
    }
    guard case .run(let configuration, let reading, let location) = beginning else {
      Issue.record("expected to run")
      return
    }
    #expect(configuration.blocks == 2)
    #expect(reading.setting(.blocks).origin == .file(path: "f1.conf", line: 2))
    #expect(location == .file("a"))
  }

  @Test func showsHelpAndVersionWithoutReadingAnything() {
    for option in ["--help", "--version"] {
      let beginning = DaemonBeginning(arguments: [option]) { _ in
        Issue.record("reads nothing")
        return ConfigurationSample.read()
      }
      guard case .finished(status: 0, let output, errors: "") = beginning else {
        Issue.record("expected to finish")
        continue
      }
      #expect(output.contains("coherentd"))
    }
  }
}
