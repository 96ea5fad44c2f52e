// What lies in the place of a configuration file and is none: it is refused by name, at the start,
// at a check and at a reload, and nobody who is served waits for it.

import CoherentControl
import CoherentSystem
import Glibc
import TestSupport
import Testing

extension IntegrationTests {
  @Suite struct OddFiles {
    /// Puts a named pipe, a socket, an endless device and a directory where drop-ins are read.
    private func addOddFiles(to directory: String) throws {
      try Directory.create(path: "\(directory)/conf.d")
      try #require(mkfifo("\(directory)/conf.d/1.conf", 0o644) == 0)
      let path = "\(directory)/conf.d/2.conf"
      let socket = try LocalSocket.listen(path: path, kind: .stream, mode: 0o600)
      withExtendedLifetime(socket) {}
      try #require(symlink("/dev/zero", "\(directory)/conf.d/3.conf") == 0)
      try Directory.create(path: "\(directory)/conf.d/4.conf")
    }

    private func removeOddFiles(from directory: String) throws {
      for name in ["1", "2", "3"] { try SmallFile.remove(path: "\(directory)/conf.d/\(name).conf") }
      try Directory.removeEmpty(path: "\(directory)/conf.d/4.conf")
      try Directory.removeEmpty(path: "\(directory)/conf.d")
    }

    private static let sentences = [
      "1.conf: cannot be read: ", "a named pipe and no regular file",
      "2.conf: cannot be read: ", "a socket and no regular file",
      "3.conf: cannot be read: ", "a device and no regular file",
      "4.conf: cannot be read: ", "a directory and no regular file",
    ]

    @Test func noStartAndNoCheckWaitsForThem() throws {
      let directory = try Directory.createTemporary(prefix: "coherentd-test-")
      let path = "\(directory)/conf"
      try SmallFile.write(
        path: path, Array(DaemonSettings([:], directory: directory).text.utf8))
      try addOddFiles(to: directory)
      for arguments in [["--config", path], ["--config", path, "--check-config"]] {
        let run = try ProgramRun(.daemon, arguments)
        #expect(run.exit == .status(78))
        for sentence in Self.sentences {
          #expect(run.complaint.contains(sentence), "\(sentence) in \(run.complaint)")
        }
      }
      try removeOddFiles(from: directory)
      try SmallFile.remove(path: path)
      try #require(mkfifo(path, 0o644) == 0)
      let run = try ProgramRun(.daemon, ["--config", path])
      #expect(run.exit == .status(78) && run.complaint.contains("a named pipe and no regular"))
      try SmallFile.remove(path: path)
      try Directory.removeEmpty(path: directory)
    }

    @Test func aReloadNamesThemAndGoesOn() throws {
      let socket = try NotifySocket()
      try TestDaemon.with(environment: socket.environment()) { daemon in
        let ready = try socket.next("ready") { $0["READY"] == "1" }
        let client = try RawClient.attached(daemon)
        try addOddFiles(to: daemon.directory)
        let run = try ProgramRun(.control, ["reload", "--socket", daemon.controlPath])
        #expect(run.exit == .status(1))
        for sentence in Self.sentences {
          #expect(run.complaint.contains(sentence), "\(sentence) in \(run.complaint)")
        }
        let first = try socket.next(from: ready.number + 1, "ready") { $0["READY"] == "1" }
        try daemon.send(signal: SIGHUP)
        _ = try socket.next(from: first.number + 1, "ready again") { $0["READY"] == "1" }
        #expect(try client.ask(.statistics) != .freed)
        try removeOddFiles(from: daemon.directory)
        #expect(
          try ProgramRun(.control, ["reload", "--socket", daemon.controlPath]).exit == .status(0))
      }
    }

    @Test(.enabled(if: KernelRight.fuseMount.isThere, "\(KernelRight.fuseMount)"))
    func aFileSystemThatDoesNotAnswerHoldsUpNobody() throws {
      try TestDaemon.with { daemon in
        let client = try RawClient.attached(daemon)
        let hanging = try HangingFileSystem()
        defer { hanging.end() }
        try Directory.create(path: "\(daemon.directory)/conf.d")
        try #require(symlink(hanging.file, "\(daemon.directory)/conf.d/1.conf") == 0)
        try daemon.send(signal: SIGHUP)
        #expect(try client.ask(.statistics) != .freed)
        #expect(try daemon.status().sessions == 1)
        #expect(daemon.log.contents.contains("not reloaded") == false, "it is still read")
        let run = try ProgramRun(.control, ["reload", "--socket", daemon.controlPath])
        #expect(run.exit == .status(1))
        #expect(run.complaint.contains("still being read"))
        #expect(daemon.log.line(with: ["not reloaded", "longer than 5 s: given up"]) != nil)
        #expect(try client.ask(.statistics) != .freed)
        try SmallFile.remove(path: "\(daemon.directory)/conf.d/1.conf")
        try Directory.removeEmpty(path: "\(daemon.directory)/conf.d")
        // The daemon must stop while its reading still hangs.
        try daemon.expectStopsWith(clients: 1)
      }
    }
  }
}

/// A FUSE file system whose server never answers, in a mount namespace of its own, so that nobody
/// else can meet it. Who looks for a file in it waits until it ends.
private final class HangingFileSystem {
  let file: String
  private let place: String
  private var child: ChildProcess?

  init() throws {
    place = try Directory.createTemporary(prefix: "coherentd-hanging-")
    let output = try Pipe()
    let script = """
      exec 9<>/dev/fuse
      mount -i -t fuse -o fd=9,rootmode=40000,user_id=0,group_id=0 hanging "$0" && echo mounted
      exec >&- && exec sleep 600
      """
    var launch = Launch(
      path: "/usr/bin/unshare", arguments: ["-m", "/bin/sh", "-c", script, place])
    launch.diesWithParentThread = true
    launch.standardOutput = output.writeEnd.raw
    let child = try Process.spawn(launch)
    file = "/proc/\(child.process)/root\(place)/file"
    self.child = consume child
    let answer = try output.keepingReadEnd().readToEnd(maximumBytes: 100)
    guard String(decoding: answer, as: UTF8.self) == "mounted\n" else {
      throw TestFailure("nothing was mounted")
    }
  }

  func end() {
    guard let child = child.take() else { return }
    _ = try? child.kill(signal: SIGKILL)
    _ = try? child.wait()
    try? Directory.removeEmpty(path: place)
  }

  deinit { end() }
}
