// A holder who never unpins: it has the larger part of a device pinned, without a message, and
// somebody else asks for more than the rest. What is reported is how much longer than the lease
// that took.

import Coherent
import CoherentSystem

enum StubbornHolder {
  private static let name = PinScenario.name
  /// What a daemon grants unless it was configured otherwise.
  private static let leaseMilliseconds = 100.0
  private static let target = Target.valueAtMost(100)

  static func report(_ bench: Bench, _ daemon: Daemon) throws {
    var beyond = Sample()
    for _ in 0..<bench.repetitions { beyond.add(try waitMilliseconds(daemon) - leaseMilliseconds) }
    bench.report(
      Finding(name, "holder never unpins: wait - lease", beyond, unit: "ms", target: target))
  }

  private static func waitMilliseconds(_ daemon: Daemon) throws -> Double {
    let holder = try Client(socketPath: daemon.socketPath)
    let waiter = try Client(socketPath: daemon.socketPath)
    defer {
      holder.close()
      waiter.close()
    }
    let lengthBytes = try holder.statistics().capacityBytes / 4
    let held = try (0..<3).map { _ in try holder.allocate(bytes: lengthBytes) }
    for buffer in held {
      for offset in stride(from: 0, to: lengthBytes, by: holder.frameBytes) {
        buffer.bytes[offset] = 1
      }
      // The first one is a request, by which the daemon lends the buffer out.
      _ = try buffer.withPin(lease: .zero) { _ in }
    }
    let first = try held[0].pin(lease: .zero)
    let second = try held[1].pin(lease: .zero)
    let third = try held[2].pin(lease: .zero)
    guard first.isFast, second.isFast, third.isFast else {
      throw BenchFailure("the daemon did not lend a resident buffer out")
    }
    let start = Clock.monotonicNanoseconds()
    let buffer = try waiter.allocate(bytes: lengthBytes * 2, timeout: .seconds(10))
    let end = Clock.monotonicNanoseconds()
    try buffer.free()
    let ends = [Self.held(first), Self.held(second), Self.held(third)]
    // Half of the device was asked for, and a quarter was free.
    guard ends.contains(false) else {
      throw BenchFailure("somebody got the memory while all of it was pinned")
    }
    return Double(end - start) / 1e6
  }

  /// Whether a pin held to its end, which is now.
  private static func held(_ pin: consuming Pin) -> Bool { (try? pin.release()) != nil }
}
