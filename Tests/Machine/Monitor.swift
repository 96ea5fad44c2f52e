// The emulator's monitor: QMP, a JSON object a line, of which only few words matter here. It is how
// memory is put into the machine and taken out.

import CoherentSystem

final class Monitor {
  private let channel: LineChannel
  /// Events that came while an answer was waited for.
  private var events: [String] = []

  private static let boundSeconds: UInt64 = 60

  init(_ socket: consuming LocalSocket) {
    channel = LineChannel("the emulator's monitor", socket)
  }

  /// Takes the emulator's greeting, and asks for nothing beyond it. Before any command.
  func greet() throws {
    let greeting = try line()
    guard greeting.hasPrefix("{\"QMP\"") else { throw TestFailure("no greeting: \(greeting)") }
    try execute("qmp_capabilities")
  }

  /// Gives a command, with its arguments as JSON, and waits until it has succeeded.
  func execute(_ command: String, _ arguments: String = "{}") throws {
    try channel.send("{\"execute\": \"\(command)\", \"arguments\": \(arguments)}")
    while true {
      let line = try line()
      if line.hasPrefix("{\"return\"") { return }
      guard line.contains("\"event\"") else { throw TestFailure("\(command): \(line)") }
      events.append(line)
    }
  }

  /// Waits for an event about a device; `refusal` is the event that comes if the guest says no.
  func wait(for event: String, of device: String, refusal: String) throws {
    while true {
      let line = try events.isEmpty ? line() : events.removeFirst()
      if line.contains("\"\(refusal)\"") { throw TestFailure("the guest refuses: \(line)") }
      if line.contains("\"event\": \"\(event)\"") && line.contains("\"device\": \"\(device)\"") {
        return
      }
    }
  }

  private func line() throws -> String {
    try channel.receive(by: Clock.monotonicNanoseconds() + Self.boundSeconds * 1_000_000_000)
  }
}
