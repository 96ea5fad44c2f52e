// `evict`: how fast written memory leaves the device on an order, against memcpy.

enum EvictScenario: Scenario {
  static let name = "evict"
  static let summary = "Moving written memory out of the device, against memcpy."

  static func measure(_ bench: Bench) throws {
    let plan = DaemonPlan(deviceBytes: bench.deviceBytes(otherwise: 512 << 20))
    for placement in bench.shares {
      try bench.withDaemon(plan, at: placement) { daemon in
        let run = try TransferRun(bench, placement, daemon)
        bench.report(
          Finding(
            name, placement.label, run.evictions, unit: "MiB/s", floor: run.copies,
            target: .ratioAtLeast(bench.options.hugePages ? 0.8 : 0.5)))
      }
    }
  }
}
