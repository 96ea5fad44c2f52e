// The man pages against what they describe.

import CoherentDaemon
import CoherentSystem
import Testing

extension SystemTests {
  @Suite struct Manual {
    static let pages = ["coherentd.8", "coherentctl.1", "coherentd.conf.5"]
    static let renderers = ["/usr/bin/mandoc", "/usr/bin/groff"]

    /// What an item of a list says, in one line: as in `.It Va Key Ns =` and what follows.
    private static func item(_ beginning: String, below heading: String, of page: String) -> String?
    {
      let lines = page.split(separator: "\n", omittingEmptySubsequences: false)
      guard let section = lines.firstIndex(of: heading[...]) else { return nil }
      let rest = lines[(section + 1)...].prefix { !$0.hasPrefix(".Ss ") && !$0.hasPrefix(".Sh ") }
      guard let start = rest.firstIndex(of: beginning[...]) else { return nil }
      return rest[(start + 1)...].prefix { !$0.hasPrefix(".") }.joined(separator: " ")
    }

    @Test(arguments: ConfigurationKey.allCases)
    func explainsTheKeyAsTheDaemonKnowsIt(_ key: ConfigurationKey) throws {
      let page = try Built.text("systemd/man/coherentd.conf.5")
      let row = key.row
      let value = row.defaultValue.render()
      let item = Self.item(
        ".It Va \(row.name) Ns =", below: ".Ss [\(row.section)] section options", of: page)
      let expected =
        "\(row.sentence) Accepts \(row.kind.expectation). "
        + "The default is \(value.isEmpty ? "empty" : value)."
        + (row.canReload ? "" : " A reload does not change it.")
      #expect(item == expected)
    }

    @Test func explainsNoKeyThatTheDaemonDoesNotKnow() throws {
      let page = try Built.text("systemd/man/coherentd.conf.5")
      let keys = page.split(separator: "\n").filter { $0.hasPrefix(".It Va ") }
      #expect(keys.count == ConfigurationKey.allCases.count)
    }

    @Test func explainsEveryCommandAndEveryOptionOfCoherentctl() throws {
      let page = try Built.text("systemd/man/coherentctl.1")
      let program = try Built.debugDirectory() + "/coherentctl"
      var explained = 0
      var waiting: [[String]] = [[]]
      while let command = waiting.popLast() {
        let usage = try ProgramRun([program, "help"] + command).output
        waiting += Self.commands(in: usage).map { command + [$0] }
        guard !command.isEmpty else { continue }
        explained += 1
        let name = command.joined(separator: " ")
        #expect(page.contains("\n.It Cm \(name)"), "\(name)")
        for option in Self.options(in: usage) {
          #expect(page.contains("Fl -\(option.dropFirst(2))"), "\(name) \(option)")
        }
      }
      #expect(explained >= 18)
    }

    /// The commands that a help text lists.
    private static func commands(in help: String) -> [String] {
      let listed = help.split(separator: "\n").drop { $0 != "SUBCOMMANDS:" }.dropFirst()
      return listed.prefix { $0.hasPrefix("  ") && !$0.hasPrefix("  See") }
        .filter { !$0.hasPrefix("   ") }
        .compactMap { $0.split(separator: " ").first.map(String.init) }
    }

    @Test func explainsEveryOptionOfTheDaemon() throws {
      let page = try Built.text("systemd/man/coherentd.8")
      let help = try ProgramRun([Built.debugDirectory() + "/coherentd", "--help"]).output
      let options = Self.options(in: help)
      #expect(options.count >= 4)
      for option in options { #expect(page.contains("Fl -\(option.dropFirst(2))"), "\(option)") }
    }

    /// The long options that a help text explains, each once.
    private static func options(in help: String) -> Set<String> {
      let words = help.split { !$0.isLetter && $0 != "-" }.map(String.init)
      return Set(words.filter { $0.hasPrefix("--") && $0.count > 2 })
    }

    @Test(
      .enabled(
        if: renderers.contains { SmallFile.exists(path: $0) },
        "needs man-renderer: neither mandoc nor groff is here"),
      arguments: pages)
    func rendersWithoutWarnings(_ page: String) throws {
      let path = "\(Built.repository)/systemd/man/\(page)"
      if SmallFile.exists(path: Self.renderers[0]) {
        let lint = try ProgramRun(["mandoc", "-Tlint", "-Wwarning", path])
        #expect(lint.isGood && lint.output == "", "\(lint.output)")
      }
      if SmallFile.exists(path: Self.renderers[1]) {
        let run = try ProgramRun(["groff", "-mandoc", "-ww", "-Tutf8", "-z", path])
        #expect(run.isGood && run.output == "", "\(run.output)")
      }
    }
  }
}
