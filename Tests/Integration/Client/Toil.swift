// Work that goes on behind the commands until the process ends or is told to stop: requests of every
// kind, forks, or starts of programs, at random moments as seen from everybody else.

import Coherent
import CoherentSystem
import Synchronization

final class Toil: @unchecked Sendable {
  // SAFETY: constants, and atomics.
  private let isStopping = Atomic<Bool>(false)
  private let rounds = Atomic<Int>(0)
  private let trouble = Mutex<String?>(nil)
  private var threads: [Thread] = []

  /// Each body is one round; what it says is trouble.
  init(_ bodies: [@Sendable () -> String?]) throws {
    for body in bodies {
      threads.append(
        try Thread.start(name: "toil") { [unowned self] in
          while !isStopping.load(ordering: .relaxed) {
            if let found = body() { return trouble.withLock { $0 = $0 ?? found } }
            rounds.add(1, ordering: .relaxed)
          }
        })
    }
  }

  var count: Int { rounds.load(ordering: .relaxed) }

  func finish() -> String? {
    isStopping.store(true, ordering: .relaxed)
    for thread in threads { thread.join() }
    threads = []
    return trouble.withLock { $0 }
  }
}
