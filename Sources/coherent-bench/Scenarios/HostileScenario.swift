// `hostile`: what a client that means harm does to a well-behaved one. For each attack, the longest
// that the other waited for anything, beside its longest wait before the attack; and how long the
// administrators waited for a status. While the attack goes on, the daemon serves, reloads its
// configuration, and takes a memory block offline and back.

import CoherentControl
import CoherentSystem

enum HostileScenario: Scenario {
  static let name = "hostile"
  static let summary = "The longest wait of a client beside one that attacks, attack by attack."

  /// Who attacks.
  private struct Enemy {
    let label: String
    let isNobody: Bool
    let passesDevice: Bool
  }

  private static let enemies = [
    Enemy(label: "root", isNobody: false, passesDevice: false),
    Enemy(label: "nobody", isNobody: true, passesDevice: false),
    Enemy(label: "nobody in full mode", isNobody: true, passesDevice: true),
  ]
  /// Of each part of an attack, and of the time before it.
  private static let windowNanoseconds: UInt64 = 700_000_000
  private static let reportMilliseconds: Int32 = 60_000
  static let wait = Target.excessAtMost(100)
  static let statusWait = Target.valueAtMost(100)

  static func measure(_ bench: Bench) throws {
    let isRoot = Process.effectiveUser == 0
    var harm: [String] = []
    for enemy in enemies where isRoot || !enemy.isNobody {
      for attack in try Attacker.attacks() {
        let label = isRoot ? "\(attack), \(enemy.label)" : attack
        var plan = DaemonPlan(deviceBytes: bench.deviceBytes(otherwise: 64 << 20))
        plan.serveEverybody(passingDevice: enemy.passesDevice)
        do {
          try bench.withDaemon(plan, at: .asFound) { daemon in
            harm += try measure(attack, label, enemy.isNobody, daemon, bench)
          }
        } catch {
          harm.append("\(label): \(FailureText.of(error))")
        }
      }
    }
    guard harm.isEmpty else { throw BenchFailure(harm.joined(separator: "\n")) }
  }

  /// What was harmed.
  private static func measure(
    _ attack: String, _ label: String, _ asNobody: Bool, _ daemon: Daemon, _ bench: Bench
  ) throws -> [String] {
    let neighbour = try Worker("neighbour", ["--socket", daemon.socketPath], processors: nil)
    try neighbour.channel.await("ready", from: "the well-behaved client")
    var administrator = Administrator(daemon)
    try administrator.work(for: windowNanoseconds) { _ in }
    var reports = [try report(of: neighbour)]
    let before = reports[0].longestMilliseconds
    let statusBefore = administrator.longestMilliseconds
    administrator.longestMilliseconds = 0
    let attacker = try Attacker(attack, daemon, asNobody: asNobody)
    guard try attacker.hasBegun({ try administrator.look() }) else {
      try attacker.end()
      try neighbour.end()
      return []
    }
    try administrator.work(for: windowNanoseconds) { _ in }
    try administrator.work(for: windowNanoseconds) { _ = try $0.reload() }
    try administrator.work(for: windowNanoseconds) { try $0.replug() }
    try attacker.end()
    try administrator.work(for: windowNanoseconds) { _ in }
    reports.append(try report(of: neighbour))
    try neighbour.end()
    let worst = reports[1]
    bench.report(
      Finding(
        name, "\(label): \(worst.longestWork)", Sample([worst.longestMilliseconds]), unit: "ms",
        floor: Sample([before]), target: wait))
    bench.report(
      Finding(
        name, "\(label): status", Sample([administrator.longestMilliseconds]), unit: "ms",
        floor: Sample([statusBefore]), target: statusWait))
    var harm = reports.compactMap(\.harm)
    if try daemon.status().process != daemon.processID { harm.append("it is another daemon") }
    return harm.map { "\(label): \($0)" }
  }

  private static func report(of neighbour: Worker) throws -> NeighbourReport {
    try neighbour.channel.send("report")
    guard
      Readiness.waitReadable(neighbour.channel.raw, timeoutMilliseconds: reportMilliseconds),
      let text = try neighbour.channel.receiveText()
    else { throw BenchFailure("the well-behaved client hangs, or is gone") }
    return try JSONCoding.decode(NeighbourReport.self, from: Array(text.utf8))
  }
}
