// A client of `daemon-crash`: a third of its memory holds words that never change, the rest words
// that threads count up. One more thread uses the library's calls. At a word of its parent all of
// them rest, and everything is compared.

import ArgumentParser
import Coherent
import CoherentSystem

struct SurvivorRole: WorkerRole {
  static let configuration = CommandConfiguration(commandName: "survivor", shouldDisplay: false)

  @OptionGroup var line: ChannelOptions
  @Option var socket: String
  @Option var index: UInt64
  @Option var count: Int
  @Option var length: Int

  private static let pieceBytes = 1 << 20
  private static let writers = 2

  func play(_ channel: Channel) throws {
    channel.reportingFailure { try work(channel) }
  }

  private func work(_ channel: Channel) throws {
    let client = try Client(socketPath: socket)
    let pieces = max(length / Self.pieceBytes, 1 + Self.writers)
    let buffers = try (0..<pieces).map { _ in
      try client.allocate(bytes: Self.pieceBytes, timeout: .seconds(60))
    }
    let still = StillWords(Array(buffers[..<(pieces / 3)]), key: SeededGenerator.mix(index))
    let counted = Array(buffers[(pieces / 3)...])
    let gate = RestGate(members: Self.writers + 1)
    let writers = (0..<Self.writers).map { number in
      let own = counted.indices.filter { $0 % Self.writers == number }.map { counted[$0] }
      return CountingWriter(own, seed: index << 8 | UInt64(number))
    }
    let caller = LibraryCaller(client, seed: index)
    var threads: [Thread] = []
    for writer in writers {
      threads.append(try Thread.start(name: "writer") { gate.work { writer.step() } })
    }
    threads.append(
      try Thread.start(name: "caller", stackBytes: 1 << 20) { gate.work { caller.step() } })
    channel.reportingFailure {
      try channel.send(WorkerReport(stage: .ready))
      while let order = try channel.receiveText() {
        if order == "go" {
          gate.open()
          try channel.send(WorkerReport(stage: .working))
        } else {
          gate.close()
          try channel.send(
            try report(client, still, writers, caller, allocations: buffers.count))
        }
      }
    }
    // The parent knows or is gone. The threads are not waited for: one may be in a fault for ever.
    withExtendedLifetime(threads) { Process.exitAtOnce(0) }
  }

  private func report(
    _ client: Client, _ still: StillWords, _ writers: [CountingWriter], _ caller: LibraryCaller,
    allocations: Int
  ) throws -> WorkerReport {
    var survival = SurvivalReport()
    survival.bytesLost = still.wrongWords() * 8 + caller.wrongBytes()
    for writer in writers {
      survival.updatesLost += writer.lostUpdates()
      survival.updates += writer.updates
      survival.longestPauseMilliseconds = max(
        survival.longestPauseMilliseconds, writer.longestPauseMilliseconds)
    }
    if let failure = caller.failure { throw BenchFailure("a call failed: \(failure)") }
    let known = try client.statistics().allocations
    survival.discrepancies = caller.discrepancies + abs(known - allocations - caller.liveCount)
    survival.calls = caller.calls
    survival.longestCallMilliseconds = caller.longestCallMilliseconds
    survival.longestCall = caller.longestCall
    var report = WorkerReport(stage: .ready)
    report.survival = survival
    return report
  }
}
