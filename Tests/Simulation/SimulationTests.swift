// Runs the seeded simulator over every setting. `COHERENTD_SIMULATION_STEPS` makes it longer,
// `COHERENTD_SIMULATION_SEED` replays one run; both are printed before the run, so that a seed is
// known even if an invariant stops the process.

import Foundation
import Testing

@Suite(.serialized) struct SimulationTests {
  static let steps = number("COHERENTD_SIMULATION_STEPS") ?? 200_000
  static let seed = number("COHERENTD_SIMULATION_SEED") ?? 20_261_123

  @Test(arguments: Setting.all)
  func everyLawHoldsAfterEveryStep(_ setting: Setting) throws {
    let share = Int(Self.steps) / Setting.all.count
    print("simulation '\(setting.name)': \(share) steps, COHERENTD_SIMULATION_SEED=\(Self.seed)")
    let world = World(setting, seed: Self.seed)
    do {
      try run(world, share)
    } catch let broken as LawBroken {
      Issue.record(
        "'\(setting.name)', seed \(Self.seed), step \(world.steps): \(broken.description)")
    }
    print("  \(world.tally)")
    #expect(world.answers > share / 40, "most requests were answered")
    #expect(
      world.tally.isComplete || !setting.core.oversubscribe || share < 10_000,
      "everything that is looked for happened")
    #expect(
      world.tally.refusedByShare > 0 || setting.core.hostLimitFrames > 100 || share < 10_000,
      "a user came to the end of a share")
    #expect(
      world.tally.blocksCameAndWent || setting.core.maximumBlocks == 1 || share < 10_000,
      "blocks came and went")
  }

  @Test func theSameSeedGivesTheSameRun() throws {
    let setting = Setting.all[1]
    func fingerprint(_ seed: UInt64) throws -> String {
      let world = World(setting, seed: seed)
      try run(world, 3000)
      let status = world.core.status()
      let words = world.clients.flatMap { client in
        (0..<setting.core.maximumAllocationsPerSession).map { world.board[client.id, $0] }
      }
      return "\(status.places) \(status.counters) \(world.now) \(world.answers) \(world.random)"
        + " \(words.map(\.rawValue))"
    }
    let first = try fingerprint(Self.seed)
    #expect(try fingerprint(Self.seed) == first)
    #expect(try fingerprint(Self.seed + 1) != first)
  }

  private func run(_ world: World, _ steps: Int) throws {
    for step in 1...steps {
      try world.step()
      if step % 2500 == 0 { try world.comeToRest() }
    }
    try world.comeToRest()
    try world.endAll()
  }

  private static func number(_ name: String) -> UInt64? {
    ProcessInfo.processInfo.environment[name].flatMap { UInt64($0) }
  }
}
