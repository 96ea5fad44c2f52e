// A machine of one test, and the shell in it. It ends when the test ends, however that ends.

import CoherentSystem
import Testing

final class Guest {
  private let emulator: Emulator
  private let shell: LineChannel

  private static let boundSeconds: UInt64 = 120
  /// The kernel's own memory blocks.
  private static let kernelBlockBytes = 128 << 20

  /// Runs a test in a new guest. If it fails, what its console showed is told.
  static func with(_ body: (Guest) throws -> Void) throws {
    let directory = try Directory.createTemporary(prefix: "coherentd-machine-")
    defer { _ = try? ProgramRun(["rm", "-rf", directory]) }
    let console = "\(directory)/console"
    do {
      let guest = try Guest(image: try Self.image(in: directory), console: console)
      try body(guest)
      try guest.shell.send("poweroff -f")
      try guest.emulator.waitEnded()
    } catch {
      let end = try? ProgramRun(["tail", "-n", "60", console]).output
      Issue.record("\(error)\nthe guest's console ends:\n\(end ?? "")")
    }
  }

  private static func image(in directory: String) throws -> String {
    let image = "\(directory)/image"
    let run = try ProgramRun(["sh", Built.imageMaker, image, Built.busybox, Built.products()])
    guard run.isGood else { throw TestFailure("no image: \(run.output)") }
    return image
  }

  /// Switches it on, and waits for the shell.
  private init(image: String, console: String) throws {
    let pair = try LocalSocket.pair(kind: .stream)
    emulator = try Emulator(image: image, console: console, shell: pair.second)
    shell = LineChannel("the guest", pair.first)
    _ = try answer(to: "boot")
  }

  // MARK: commands

  /// Has the guest's shell do one line, which must succeed; what it wrote, without the last line's
  /// end.
  @discardableResult
  func done(_ command: String) throws -> String {
    let (status, output) = try run(command)
    guard status == 0 else { throw TestFailure("\(command): status \(status): \(output)") }
    return output
  }

  /// The same, with whatever status it ends.
  func run(_ command: String) throws -> (status: Int, output: String) {
    try shell.send(command)
    return try answer(to: command)
  }

  /// What a command shows, as a number.
  func number(_ command: String) throws -> Int {
    let output = try done(command)
    guard let number = Int(output) else { throw TestFailure("\(command): no number: \(output)") }
    return number
  }

  /// Waits until a command succeeds, with a bound; each attempt starts processes, which is pause
  /// enough.
  func wait(until command: String) throws {
    let end = Clock.monotonicNanoseconds() + Self.boundSeconds * 1_000_000_000
    var last = try run(command)
    while last.status != 0 {
      guard Clock.monotonicNanoseconds() < end else {
        throw TestFailure("not after \(Self.boundSeconds) s: \(command): \(last.output)")
      }
      last = try run(command)
    }
  }

  private func answer(to command: String) throws -> (status: Int, output: String) {
    let deadline = Clock.monotonicNanoseconds() + Self.boundSeconds * 1_000_000_000
    var lines: [String] = []
    do {
      while true {
        let line = try shell.receive(by: deadline)
        if line.hasPrefix("status "), let status = Int(line.dropFirst(7)) {
          return (status, lines.joined(separator: "\n"))
        }
        lines.append(line)
      }
    } catch {
      throw TestFailure("\(command): \(error): \(lines.joined(separator: "\n"))")
    }
  }

  // MARK: what a test needs

  func configure(_ configuration: String) throws { try done("configure '\(configuration)'") }

  /// Starts the daemon with a configuration, and waits until it answers.
  func startDaemon(_ configuration: String) throws {
    try configure(configuration)
    try done("daemon")
    try wait(until: "coherentctl status")
  }

  /// Puts a DIMM in, and waits until the kernel uses all of it as node 1.
  func plug(mebibytes: Int) throws {
    let sizeBytes = mebibytes << 20
    try emulator.plug(sizeBytes: sizeBytes)
    let blocks = sizeBytes / Self.kernelBlockBytes
    try wait(until: "test $(grep -sl ^online \(Self.node)/memory*/state | wc -l) -eq \(blocks)")
  }

  /// Pulls the DIMM out, off which the kernel has moved everything.
  func unplug() throws {
    try emulator.unplug()
    try done("! test -e \(Self.node)/meminfo")
  }

  private static let node = "/sys/devices/system/node/node1"
}
