// Every program, started without some of its standard streams. None of its own files may get such a
// number: its log, its complaints and its results would go into them.

import CoherentSystem
import Glibc
import Testing

extension IntegrationTests {
  @Suite struct ClosedStreams {
    /// Runs a program without the streams of the set `closed`, waits until it has files of its own
    /// that it opened, and returns what its first three descriptors are.
    private func streams(
      _ closed: Int, _ program: BuiltProgram, _ arguments: [String], ends signal: Int32 = SIGTERM
    ) throws -> [String?] {
      let redirections = (0..<3).filter { closed & (1 << $0) != 0 }.map { "\($0)>&-" }
      let script = "exec \"$0\" \"$@\" \(redirections.joined(separator: " "))"
      var launch = try program.launch(["-c", script, try program.path()] + arguments)
      launch.path = "/bin/sh"
      let input = try Pipe()
      let output = try Pipe()
      launch.standardInput = input.readEnd.raw
      launch.standardOutput = output.writeEnd.raw
      launch.standardError = output.writeEnd.raw
      let child = try Process.spawn(launch)
      let directory = "/proc/\(child.process)/fd"
      let deadline = Clock.monotonicNanoseconds() + 60 * 1_000_000_000
      var found: [String?] = []
      while Clock.monotonicNanoseconds() < deadline {
        if child.waitEnded(timeoutMilliseconds: 2) { break }
        let file = SymbolicLink.target(path: "/proc/\(child.process)/exe") ?? ""
        guard file.hasSuffix("/\(program.rawValue)") else { continue }  // still the shell
        let links = ((try? Directory.names(path: directory)) ?? []).map {
          SymbolicLink.target(path: "\(directory)/\($0)") ?? ""
        }
        guard links.contains(where: { $0.hasPrefix("anon_inode:") }) else { continue }
        found = (0..<3).map { SymbolicLink.target(path: "\(directory)/\($0)") }
        break
      }
      try child.kill(signal: signal)
      _ = try child.wait()
      withExtendedLifetime(input) {}
      withExtendedLifetime(output) {}
      return found
    }

    private func expectOnlyPipes(_ closed: Int, _ found: [String?]) {
      #expect(found.count == 3, "the program was seen at work")
      for (stream, link) in found.enumerated() {
        let isClosed = closed & (1 << stream) != 0
        #expect(
          isClosed ? link == "/dev/null" : link?.hasPrefix("pipe:") == true,
          "of \(closed) closed, \(stream) is \(link ?? "closed")")
      }
    }

    @Test(arguments: 0..<8) func theDaemonWritesIntoNoFileOfItsOwn(closed: Int) throws {
      let directory = try Directory.createTemporary(prefix: "coherentd-test-")
      defer { try? Directory.removeEmpty(path: directory) }
      let path = "\(directory)/conf"
      let settings = DaemonSettings([:], directory: directory)
      try SmallFile.write(path: path, Array(settings.text.utf8))
      expectOnlyPipes(closed, try streams(closed, .daemon, ["--config", path]))
      try SmallFile.remove(path: path)
    }

    @Test(arguments: 0..<8) func theToolsWriteIntoNoFileOfTheirOwn(closed: Int) throws {
      try TestDaemon.with { daemon in
        expectOnlyPipes(
          closed,
          try streams(closed, .control, ["events", "--follow", "--socket", daemon.controlPath]))
      }
      expectOnlyPipes(closed, try streams(closed, .bench, ["request"]))
    }
  }
}
