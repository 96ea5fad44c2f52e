// Starting programs, watching them end, and signals as something to read.

import Glibc
import TestSupport
import Testing

@testable import CoherentSystem

struct ProcessTests {
  private func output(of launch: Launch) throws -> (text: String, exit: ChildProcess.Exit) {
    let pipe = try Pipe()
    var launch = launch
    launch.standardOutput = pipe.writeEnd.raw
    let child = try Process.spawn(launch)
    let bytes = try pipe.keepingReadEnd().readToEnd(maximumBytes: 1 << 16)
    return (String(decoding: bytes, as: UTF8.self), try child.wait())
  }

  private func shell(_ script: String) -> Launch {
    Launch(path: "/bin/sh", arguments: ["-c", script])
  }

  @Test func aProgramGetsItsArgumentsAndItsStatusComesBack() throws {
    var launch = Launch(path: "/bin/sh", arguments: ["-c", "echo \"$0 $1\"; exit 7", "a b", "c"])
    let result = try output(of: launch)
    #expect(result.text == "a b c\n")
    #expect(result.exit == .status(7))
    launch.arguments = ["-c", "kill -KILL $$"]
    #expect(try Process.spawn(launch).wait() == .signal(SIGKILL))
  }

  @Test func aProgramGetsTheEnvironmentThatIsNamedAndNoOther() throws {
    var launch = Launch(path: "/usr/bin/env")
    launch.environment = ["ONLY=this"]
    #expect(try output(of: launch).text == "ONLY=this\n")
  }

  @Test func aProgramInheritsNoDescriptorThatWasNotNamed() throws {
    let kept = try EventCounter()
    let other = try EventCounter()
    var launch = shell("test -e /proc/self/fd/\(kept.raw) && ! test -e /proc/self/fd/\(other.raw)")
    launch.inherited = [kept.raw]
    #expect(try Process.spawn(launch).wait() == .status(0))
  }

  @Test func aProgramStartsWithoutBlockedSignals() throws {
    let thread = try Thread.start(name: "spawner") {
      // This thread blocks everything; what it starts must not.
      let launch = Launch(
        path: "/bin/sh", arguments: ["-c", "grep -q 'SigBlk:.0000000000000000' /proc/self/status"])
      let exit = try? Process.spawn(launch).wait()
      invariant(exit == .status(0), "a program can be signalled")
    }
    thread.join()
  }

  @Test func aProgramRunsOnTheProcessorsThatAreNamed() throws {
    let processor = try #require(try Thread.affinity().last)
    var launch = shell("grep Cpus_allowed_list /proc/self/status")
    launch.processors = [processor]
    #expect(try output(of: launch).text == "Cpus_allowed_list:\t\(processor)\n")
  }

  @Test(.enabled(if: KernelRight.otherUser.isThere, "\(KernelRight.otherUser)"))
  func aProgramRunsAsWhoIsNamedAndInNoOtherGroup() throws {
    var launch = shell("id -u; id -G")
    launch.identity = Launch.Identity(user: 65534, group: 65533)
    #expect(try output(of: launch).text == "65534\n65533\n")
  }

  @Test func whatCannotStartThrowsItsReason() throws {
    let absent = #expect(throws: SystemError.self) {
      _ = try Process.spawn(path: "/no/such/program").wait()
    }
    #expect(absent?.code == ENOENT)
    let directory = #expect(throws: SystemError.self) {
      _ = try Process.spawn(path: "/").wait()
    }
    #expect(directory?.code == EACCES)
  }

  @Test func aProcessDescriptorSeesTheEndAndNeverAnotherProcess() throws {
    let child = try Process.spawn(path: "/bin/sleep", arguments: ["1000"])
    let watcher = try ProcessDescriptor(process: child.process)
    let goneBefore = watcher.isGone
    #expect(!goneBefore)
    try child.kill(signal: SIGKILL)
    let goneAfter = watcher.waitGone(timeoutMilliseconds: 10_000)
    #expect(goneAfter)
    #expect(try child.wait() == .signal(SIGKILL))
    let delivered = try watcher.send(signal: SIGKILL)
    #expect(!delivered)
  }

  @Test func aProcessThatIsNotThereHasNoDescriptor() {
    let error = #expect(throws: SystemError.self) {
      _ = try ProcessDescriptor(process: Int32.max)
    }
    #expect(error?.code == ESRCH)
  }

  @Test func blockedSignalsAreReadInsteadOfDelivered() async {
    await #expect(processExitsWith: .success) {
      try receiveTwoSignals()
    }
  }

  @Test func knowsItself() throws {
    #expect(Process.id > 1)
    #expect(SmallFile.exists(path: try Process.executablePath()))
    #expect(Environment.get("NO_SUCH_VARIABLE_IS_SET") == nil)
    let path = Environment.get("PATH") ?? ""
    #expect(Environment.all().contains("PATH=\(path)"))
    #expect(try Process.raiseDescriptorLimit() >= 256)
  }

  @Test func aPipeIsNoTerminal() throws {
    let pipe = try Pipe()
    let raw = pipe.readEnd.raw
    #expect(!Terminal.isTerminal(raw))
    #expect(Terminal.width(raw) == nil)
  }
}

/// Sends two signals to this thread, which has blocked them. Synchronous, so that it stays on one
/// thread.
private func receiveTwoSignals() throws {
  let signals = try SignalDescriptor(signals: [SIGTERM, SIGHUP])
  expectNext(nil, of: signals)
  pthread_kill(pthread_self(), SIGHUP)
  pthread_kill(pthread_self(), SIGTERM)
  expectNext(SIGHUP, of: signals)
  expectNext(SIGTERM, of: signals)
  expectNext(nil, of: signals)
}

private func expectNext(_ expected: CInt?, of signals: borrowing SignalDescriptor) {
  let next = signals.next()
  #expect(next == expected)
}
