// `restore`: how fast evicted memory comes back to the device on a request, against memcpy.

enum RestoreScenario: Scenario {
  static let name = "restore"
  static let summary = "Bringing evicted memory back to the device, against memcpy."

  static func measure(_ bench: Bench) throws {
    let plan = DaemonPlan(deviceBytes: bench.deviceBytes(otherwise: 512 << 20))
    for placement in bench.shares {
      try bench.withDaemon(plan, at: placement) { daemon in
        let run = try TransferRun(bench, placement, daemon)
        bench.report(
          Finding(
            name, placement.label, run.restores, unit: "MiB/s", floor: run.copies,
            target: .ratioAtLeast(bench.options.hugePages ? 0.8 : 0.4)))
      }
    }
  }
}
