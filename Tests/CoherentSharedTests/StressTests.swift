// Many pinners and one evictor on the same words: threads, and processes.

import CoherentSystem
import Glibc
import Testing

@testable import CoherentShared

@Suite(.serialized) struct StressTests {
  private func run(_ ground: StressGround, rounds: Int, patience: Int?) throws {
    let pinners = try (0..<3).map { number in
      try Thread.start(name: "pinner") {
        ground.pinUntilStopped(seed: UInt64(number), readingContents: patience == nil)
      }
    }
    ground.evict(rounds: rounds, patience: patience)
    ground.stop()
    for pinner in pinners { pinner.join() }
  }

  @Test func noThreadSeesAnAllocationGoWhileItHoldsAPinThatNobodyRevoked() throws {
    let ground = try StressGround()
    try run(ground, rounds: 4_000, patience: 3)
    #expect(ground.holdsItsLaws)
    #expect(ground.count(.evictions) == 4_000)
  }

  @Test func whatTheDaemonWritesAfterATakeIsOrderedWithTheHoldersReads() throws {
    let ground = try StressGround()
    try run(ground, rounds: 2_000, patience: nil)
    #expect(ground.holdsItsLaws)
    #expect(ground.count(.evictions) == 2_000 && ground.count(.expired) == 0)
  }

  @Test func noProcessSeesAnAllocationGoWhileItHoldsAPinThatNobodyRevoked() async {
    await #expect(processExitsWith: .success) {
      alarm(60)
      let ground = try StressGround()
      let pinner: (UInt64) throws -> ChildProcess = { seed in
        try Process.fork {
          alarm(60)
          ground.pinUntilStopped(seed: seed, readingContents: false)
          return 0
        }
      }
      let first = try pinner(1)
      let second = try pinner(2)
      ground.evict(rounds: 4_000, patience: 3)
      ground.stop()
      #expect(try first.wait() == .status(0))
      #expect(try second.wait() == .status(0))
      #expect(ground.holdsItsLaws)
    }
  }

  @Test func thePinsOfAKilledProcessEndWithTheClosingOfItsWords() async {
    await #expect(processExitsWith: .success) {
      alarm(60)
      let memory = try ControlMemory(slots: 5_000)
      let client = try memory.client()
      for slot in 0..<5_000 { memory.daemon.open(slot: ControlSlot(rawValue: UInt32(slot))) }
      let child = try Process.fork {
        alarm(60)
        for slot in 0..<5_000 { _ = client.pin(slot: ControlSlot(rawValue: UInt32(slot))) }
        while true { Thread.yield() }
      }
      let last = ControlSlot(rawValue: 4_999)
      while memory.daemon.peek(slot: last).count == 0 { Thread.yield() }
      try child.kill(signal: SIGKILL)
      #expect(try child.wait() == .signal(SIGKILL))
      var ended = 0
      for slot in 0..<5_000 {
        ended += Int(memory.daemon.close(slot: ControlSlot(rawValue: UInt32(slot))))
      }
      #expect(ended == 5_000)
      memory.daemon.sweep(slots: 0..<5_000) { _, _ in Issue.record("a pin outlived its process") }
    }
  }
}
