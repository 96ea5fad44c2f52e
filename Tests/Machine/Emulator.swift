// The machine itself: QEMU, without anything that the tests do not need. Node 0 has all the memory
// that it boots with; node 1 has none until a DIMM is put in.

import CoherentSystem

final class Emulator {
  private let monitor: Monitor
  private var child: ChildProcess?

  private static let endMilliseconds: Int32 = 60_000
  /// The processor is emulated, whatever the host has: with page tables of four levels, and without
  /// the promise of fast string instructions, which the emulator does byte by byte.
  private static let processor = [
    "-machine", "q35,accel=tcg", "-cpu", "max,-la57,-erms,-fsrm", "-smp", "2",
  ]
  private static let memory = [
    "-m", "1G,slots=2,maxmem=4G", "-object", "memory-backend-ram,id=m0,size=1G",
    "-numa", "node,nodeid=0,cpus=0-1,memdev=m0", "-numa", "node,nodeid=1",
    "-numa", "dist,src=0,dst=1,val=30",
  ]
  private static let nothingElse = [
    "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
  ]
  /// Memory that is put in is online at once, and can be taken out again. The kernel leaves alone
  /// an instruction with which it crashes under QEMU 7.2, and which Swift's runtime needs:
  /// cmpxchg16b.
  private static let kernelArguments =
    "console=ttyS0 quiet panic=-1 memhp_default_state=online_movable clearcpuid=cx16"

  /// Starts it. The first serial port is the file `console`, the second the socket `shell`.
  init(image: String, console: String, shell: borrowing LocalSocket) throws {
    let pair = try LocalSocket.pair(kind: .stream)
    monitor = Monitor(pair.first)
    let theirs = pair.second
    var launch = Launch(path: Built.emulator)
    launch.arguments = Self.processor + Self.memory + Self.nothingElse
    launch.arguments += ["-kernel", Built.kernel, "-initrd", image]
    launch.arguments += ["-append", Self.kernelArguments, "-serial", "file:\(console)"]
    launch.arguments += ["-chardev", "socket,id=shell,fd=\(shell.raw)", "-serial", "chardev:shell"]
    launch.arguments += ["-chardev", "socket,id=monitor,fd=\(theirs.raw)"]
    launch.arguments += ["-mon", "chardev=monitor,mode=control"]
    launch.environment = ProgramRun.environment
    launch.inherited = [shell.raw, theirs.raw]
    launch.diesWithParentThread = true
    let started = try Process.spawn(launch)
    child = consume started
    try monitor.greet()
  }

  deinit {
    _ = try? child?.kill(signal: 9)
    if let child = child.take() { _ = try? child.wait() }
  }

  /// Puts a DIMM in as node 1, which it is alone.
  func plug(sizeBytes: Int) throws {
    try monitor.execute(
      "object-add", #"{"qom-type": "memory-backend-ram", "id": "memory", "size": \#(sizeBytes)}"#)
    try monitor.execute(
      "device_add", #"{"driver": "pc-dimm", "id": "dimm", "memdev": "memory", "node": 1}"#)
  }

  /// Pulls it out, when the guest has agreed to it.
  func unplug() throws {
    try monitor.execute("device_del", #"{"id": "dimm"}"#)
    try monitor.wait(for: "DEVICE_DELETED", of: "dimm", refusal: "MEM_UNPLUG_ERROR")
    try monitor.execute("object-del", #"{"id": "memory"}"#)
  }

  /// Waits until the guest has switched it off.
  func waitEnded() throws {
    guard let running = child.take() else { return }
    guard running.waitEnded(timeoutMilliseconds: Self.endMilliseconds) else {
      child = consume running
      throw TestFailure("the machine is not switched off")
    }
    let exit = try running.wait()
    guard exit == .status(0) else { throw TestFailure("the emulator ended by \(exit)") }
  }
}
