// What was asked for and could not be written was not told: the programs say so, and fail.

import CoherentSystem
import Glibc
import Testing

extension IntegrationTests {
  @Suite struct Output {
    private static func cases() throws -> [(BuiltProgram, [String], Int32)] {
      let directory = try Directory.createTemporary(prefix: "coherentd-test-")
      let path = "\(directory)/conf"
      try SmallFile.write(path: path, Array(DaemonSettings([:], directory: directory).text.utf8))
      return [
        (.daemon, ["--help"], 74), (.daemon, ["--version"], 74),
        (.daemon, ["--check-config", "--config", path], 74),
        (.control, ["--help"], 1), (.control, ["--version"], 1),
        (.control, ["help", "evict"], 1), (.control, ["block", "online", "--help"], 1),
        (.control, ["--generate-completion-script", "bash"], 1),
        (.bench, ["--help"], 1), (.bench, ["--version"], 1),
      ]
    }

    private static func remove(_ cases: [(BuiltProgram, [String], Int32)]) {
      guard let path = cases.first(where: { $0.1.contains("--config") })?.1.last else { return }
      try? SmallFile.remove(path: path)
      try? Directory.removeEmpty(path: String(path.dropLast("/conf".count)))
    }

    @Test func aFullDiskIsAFailure() throws {
      let full = open("/dev/full", O_WRONLY | O_CLOEXEC)
      #expect(full >= 0)
      defer { close(full) }
      let cases = try Self.cases()
      defer { Self.remove(cases) }
      for (program, arguments, status) in cases {
        let run = try ProgramRun(program, arguments, standardOutput: full)
        #expect(run.exit == .status(status), "\(program) \(arguments)")
        #expect(
          run.complaint == "\(program.rawValue): the output cannot be written: write to standard "
            + "output: No space left on device (ENOSPC)\n", "\(program) \(arguments)")
      }
    }

    @Test func aPipeThatNobodyReadsIsAFailure() throws {
      let cases = try Self.cases()
      defer { Self.remove(cases) }
      for (program, arguments, status) in cases {
        var ends: [CInt] = [-1, -1]
        #expect(pipe(&ends) == 0)
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        close(ends[0])
        defer { close(ends[1]) }
        let run = try ProgramRun(program, arguments, standardOutput: ends[1])
        #expect(run.exit == .status(status), "\(program) \(arguments)")
        #expect(run.complaint.contains("Broken pipe (EPIPE)"), "\(run.complaint)")
      }
    }

    @Test func aMisspeltCommandIsToldAsOne() throws {
      for (arguments, sentence) in [
        (["sesions"], "there is no command `sesions`; did you mean `sessions`?"),
        (["--json", "alocations"], "did you mean `allocations`?"),
        (["bloc", "list"], "did you mean `block`?"),
        (["block", "offlin", "1"], "there is no command of `block` `offlin`; did you mean"),
        (["block", "offlin", "1"], "`offline`?"),
        (["xyzzy"], "there are status, sessions, "),
      ] {
        let run = try ProgramRun(.control, arguments)
        #expect(run.exit == .status(64) && run.output == "")
        #expect(run.complaint.contains(sentence), "\(run.complaint)")
        #expect(!run.complaint.contains("Unexpected argument"))
      }
    }
  }
}
