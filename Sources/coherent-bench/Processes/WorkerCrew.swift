// Several workers of one role, and what each said last.

import CoherentSystem

final class WorkerCrew {
  private let workers: [Worker]
  private let epoll: Epoll
  private(set) var reports: [WorkerReport]

  /// Starts `count` workers. Each has its number among its arguments.
  init(
    _ role: String, count: Int, _ arguments: [String], processors: [Int]? = nil
  ) throws {
    let epoll = try Epoll()
    var workers: [Worker] = []
    for index in 0..<count {
      let worker = try Worker(
        role, ["--index", "\(index)", "--count", "\(count)"] + arguments, processors: processors)
      try epoll.add(worker.channel.raw, readable: true, token: UInt64(index))
      workers.append(worker)
    }
    self.workers = workers
    self.epoll = epoll
    reports = workers.map { _ in WorkerReport() }
  }

  func tell(_ text: String) throws {
    for worker in workers { try worker.channel.send(text) }
  }

  /// Waits until all have come to a stage, and calls `tick` in between, at least every
  /// `milliseconds`. Throws what made one of them fail.
  func wait(
    for stage: WorkerReport.Stage, milliseconds: Int32 = 1000, tick: () throws -> Void = {}
  ) throws {
    var ready = [Epoll.Ready](repeating: Epoll.Ready(), count: workers.count)
    while !reports.allSatisfy({ $0.stage == stage }) {
      let count = ready.withUnsafeMutableBufferPointer {
        epoll.wait(into: $0, timeoutMilliseconds: milliseconds)
      }
      for event in ready[..<count] { try hear(Int(event.token)) }
      try tick()
    }
  }

  private func hear(_ index: Int) throws {
    guard let report = try workers[index].channel.receiveReport() else {
      let exit = try workers[index].process.wait()
      throw BenchFailure("worker \(index) is gone: \(Daemon.text(exit))")
    }
    if report.stage == .failed {
      throw BenchFailure("worker \(index): \(report.message ?? "it failed")")
    }
    reports[index] = report
  }

  func end() throws {
    for worker in workers { try worker.end() }
  }
}
