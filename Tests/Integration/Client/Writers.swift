// Threads that increment words at random, all of them in all buffers, and count what they did. Each
// spot of the memory has one word that all threads increment atomically, and one word for each
// thread, which it increments by a plain load and store: an eviction that lost either is found.
//
// A lane is one writer. With `churn` it does its work on threads that end after a random while.

import Coherent
import CoherentSystem
import Synchronization

final class Writers: @unchecked Sendable {
  // SAFETY: `counts` of a lane are touched by its thread only, and by `finish` after all have ended.
  private let buffers: [UnsafeMutableRawBufferPointer]
  private let lanes: [Lane]
  private var threads: [Thread] = []
  private let isStopping = Atomic<Bool>(false)
  private let increments = Atomic<Int>(0)

  private static let spotBytes = 512

  final class Lane {
    var shared: [[UInt32]]
    var own: [[UInt32]]

    init(_ spots: [Int]) {
      shared = spots.map { Array(repeating: 0, count: $0) }
      own = shared
    }
  }

  init(buffers: [Buffer], lanes: Int, seed: Int, churn: Bool) throws {
    self.buffers = buffers.map(\.bytes)
    let spots = self.buffers.map { $0.count / Self.spotBytes }
    self.lanes = (0..<lanes).map { _ in Lane(spots) }
    for lane in 0..<lanes {
      threads.append(
        try Thread.start(name: "lane-\(lane)") { [unowned self] in
          run(lane, seed: seed &* 64 &+ lane, churn: churn)
        })
    }
  }

  var count: Int { increments.load(ordering: .relaxed) }

  private func run(_ lane: Int, seed: Int, churn: Bool) {
    var random = RandomNumbers(seed: seed)
    while !isStopping.load(ordering: .relaxed) {
      let steps = 1 + random.below(5000)
      let seed = Int(truncatingIfNeeded: random.next())
      if churn {
        // Where no thread can be had, this one does it.
        guard
          let thread = try? Thread.start(
            name: "churn-\(lane)", { [unowned self] in work(lane, seed, steps) })
        else { continue }
        thread.join()
      } else {
        work(lane, seed, steps)
      }
    }
  }

  private func work(_ lane: Int, _ seed: Int, _ steps: Int) {
    var random = RandomNumbers(seed: seed)
    let counts = lanes[lane]
    for step in 0..<steps {
      if isStopping.load(ordering: .relaxed) {
        increments.add(step, ordering: .relaxed)
        return
      }
      let buffer = random.below(buffers.count)
      let spot = random.below(counts.shared[buffer].count)
      let address = buffers[buffer].baseAddress! + spot * Self.spotBytes
      if step % 2 == 0 {
        let word = address.assumingMemoryBound(to: Atomic<UInt64>.self)
        word.pointee.add(1, ordering: .relaxed)
        counts.shared[buffer][spot] += 1
      } else {
        let own = address + 8 + 8 * lane
        own.storeBytes(of: own.load(as: UInt64.self) + 1, as: UInt64.self)
        counts.own[buffer][spot] += 1
      }
    }
    increments.add(steps, ordering: .relaxed)
  }

  /// Ends the threads and compares every word with what was counted; what is wrong, as a sentence.
  func finish() -> String? {
    isStopping.store(true, ordering: .relaxed)
    for thread in threads { thread.join() }
    threads = []
    for buffer in buffers.indices {
      for spot in 0..<lanes[0].shared[buffer].count {
        let address = buffers[buffer].baseAddress! + spot * Self.spotBytes
        var sum: UInt64 = 0
        for lane in lanes.indices {
          sum += UInt64(lanes[lane].shared[buffer][spot])
          let own = (address + 8 + 8 * lane).load(as: UInt64.self)
          if own != UInt64(lanes[lane].own[buffer][spot]) {
            return "wrong: buffer \(buffer), spot \(spot), lane \(lane) has \(own), "
              + "\(lanes[lane].own[buffer][spot]) were counted"
          }
        }
        let shared = address.load(as: UInt64.self)
        if shared != sum {
          return "wrong: buffer \(buffer), spot \(spot) has \(shared), \(sum) were counted"
        }
      }
    }
    return nil
  }
}
