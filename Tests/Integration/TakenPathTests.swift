// A path stands for nothing but itself: a daemon removes its own sockets and nobody else's, and one
// that finds its paths taken says by whom, and leaves nothing behind.

import CoherentControl
import CoherentSystem
import Glibc
import TestSupport
import Testing

extension IntegrationTests {
  @Suite struct TakenPath {
    /// A daemon without a harness: on sockets in a directory that others use too.
    private final class PlainDaemon {
      let process: Int32
      private let log: DaemonLog
      private var child: ChildProcess?

      init(configuration path: String) throws {
        let errors = try Pipe()
        var launch = try BuiltProgram.daemon.launch(["--config", path])
        launch.standardError = errors.writeEnd.raw
        let child = try Process.spawn(launch)
        process = child.process
        log = try DaemonLog(errors.keepingReadEnd())
        guard log.line(with: ["ready:"]) != nil else {
          try child.kill(signal: 9)
          throw TestFailure("the daemon did not start: \(log.finish())")
        }
        self.child = consume child
      }

      /// By this signal; all that it wrote.
      func end(signal: Int32 = 15) throws -> String {
        guard let child = child.take() else { throw TestFailure("it has ended") }
        try child.kill(signal: signal)
        let exit = try child.wait()
        #expect(exit == (signal == 15 ? .status(0) : .signal(signal)))
        return log.finish()
      }
    }

    /// A directory with a configuration in one and the sockets in the other.
    private final class Ground {
      let directory: String
      var sockets: String { "\(directory)/sockets" }
      var configuration: String { "\(directory)/conf" }

      init(_ overrides: [String: String] = [:]) throws {
        directory = try Directory.createTemporary(prefix: "coherentd-test-")
        try Directory.create(path: "\(directory)/sockets")
        let settings = DaemonSettings(overrides, directory: "\(directory)/sockets")
        try SmallFile.write(path: "\(directory)/conf", Array(settings.text.utf8))
      }

      func process() throws -> Int32 {
        var control = try ControlClient(path: "\(sockets)/control")
        return try control.status().process
      }

      deinit {
        for name in (try? Directory.names(path: sockets)) ?? [] {
          try? SmallFile.remove(path: "\(sockets)/\(name)")
        }
        try? Directory.removeEmpty(path: sockets)
        try? SmallFile.remove(path: configuration)
        try? Directory.removeEmpty(path: directory)
      }
    }

    @Test func aDaemonThatStopsLeavesTheSocketsOfItsSuccessor() throws {
      let ground = try Ground()
      let first = try PlainDaemon(configuration: ground.configuration)
      for name in try Directory.names(path: ground.sockets) {
        try SmallFile.remove(path: "\(ground.sockets)/\(name)")
      }
      let second = try PlainDaemon(configuration: ground.configuration)
      let names = try Directory.names(path: ground.sockets)
      #expect(names == ["client", "control"])
      _ = try first.end()
      #expect(try Directory.names(path: ground.sockets) == names)
      #expect(try ground.process() == second.process)
      _ = try second.end()
      #expect(try Directory.names(path: ground.sockets) == [])
    }

    @Test func whatIsLeftOverIsReplaced() throws {
      let ground = try Ground()
      let first = try PlainDaemon(configuration: ground.configuration)
      _ = try first.end(signal: 9)
      #expect(try Directory.names(path: ground.sockets) == ["client", "control"])
      let second = try PlainDaemon(configuration: ground.configuration)
      #expect(try ground.process() == second.process)
      _ = try second.end()
      #expect(try Directory.names(path: ground.sockets) == [])
    }

    @Test func whoFindsItsPathsTakenSaysByWhomAndLeavesNothing() throws {
      let ground = try Ground()
      let daemon = try PlainDaemon(configuration: ground.configuration)
      let names = try Directory.names(path: ground.sockets)
      // Both, and then only the second that it would make.
      for client in ["client", "other"] {
        let settings = DaemonSettings(
          ["Sockets.Client": "\(ground.sockets)/\(client)"], directory: ground.sockets)
        let path = "\(ground.directory)/conf"
        try SmallFile.write(path: path, Array(settings.text.utf8))
        let run = try ProgramRun(.daemon, ["--config", path])
        #expect(run.exit == .status(71))
        let taken = client == "client" ? "client" : "control"
        #expect(
          run.complaint.contains(
            "the socket \(ground.sockets)/\(taken) is taken: process \(daemon.process) (coherentd)"
          ), "\(run.complaint)")
        #expect(run.complaint.contains("listens there; stop it, or name another path"))
        #expect(!run.complaint.contains("EADDRINUSE"))
        #expect(try Directory.names(path: ground.sockets) == names)
      }
      #expect(try ground.process() == daemon.process)
      #expect(!(try daemon.end()).contains(": error: "))
    }

    @Test func whatIsNoSocketIsNamedAndLeftAlone() throws {
      for (kind, word) in [("file", "a file"), ("directory", "a directory")] {
        let ground = try Ground()
        let path = "\(ground.sockets)/control"
        if kind == "file" {
          try SmallFile.write(path: path, Array("precious".utf8))
        } else {
          try Directory.create(path: path)
        }
        let run = try ProgramRun(.daemon, ["--config", ground.configuration])
        #expect(run.exit == .status(71))
        #expect(run.complaint.contains("at the path of the socket \(path) is \(word)"))
        #expect(try Directory.names(path: ground.sockets) == ["control"])
        if kind == "directory" { try Directory.removeEmpty(path: path) }
      }
    }

    @Test(.enabled(if: KernelRight.otherUser.isThere, "\(KernelRight.otherUser)"))
    func aSocketThatMayNotBeGivenItsGroupLeavesNoFile() throws {
      let ground = try Ground(["Sockets.ClientGroup": "0"])
      #expect(chmod(ground.directory, 0o755) == 0 && chmod(ground.sockets, 0o777) == 0)
      let run = try ProgramRun(.daemon, ["--config", ground.configuration], identity: nobody)
      #expect(run.exit == .status(71))
      #expect(run.complaint.contains("to group 0: Operation not permitted (EPERM)"))
      #expect(try Directory.names(path: ground.sockets) == [])
    }

    @Test func aDirectoryMadeForTheSocketsGoesWithThem() throws {
      let ground = try Ground()
      let made = "\(ground.sockets)/made"
      let settings = DaemonSettings(
        ["Sockets.Client": "\(made)/client", "Sockets.Control": "\(made)/control"],
        directory: ground.sockets)
      try SmallFile.write(path: ground.configuration, Array(settings.text.utf8))
      let daemon = try PlainDaemon(configuration: ground.configuration)
      #expect(try Directory.names(path: made) == ["client", "control"])
      _ = try daemon.end()
      #expect(try Directory.names(path: ground.sockets) == [])
      // A group that no user has: it fails after its first socket would have been made.
      let wrong = DaemonSettings(
        [
          "Sockets.Client": "\(made)/client", "Sockets.Control": "\(made)/control",
          "Sockets.ControlGroup": "no-such-group",
        ], directory: ground.sockets)
      try SmallFile.write(path: ground.configuration, Array(wrong.text.utf8))
      let run = try ProgramRun(.daemon, ["--config", ground.configuration])
      #expect(run.exit == .status(71) && run.complaint.contains("no-such-group"))
      #expect(try Directory.names(path: ground.sockets) == [])
    }
  }
}
