// Memory that goes out of the device and comes back, as often as there are repetitions, with either
// way timed: what the scenarios evict and restore share. Before each eviction every page is written
// to, so that every byte has to be copied.

import Coherent
import CoherentSystem

struct TransferRun {
  private(set) var evictions = Sample()
  private(set) var restores = Sample()
  private(set) var copies = Sample()

  /// Throughputs in MiB/s. The copies of the floor run where the daemon does.
  init(_ bench: Bench, _ placement: Placement, _ daemon: Daemon) throws {
    let client = try Client(socketPath: daemon.socketPath)
    // Below the watermarks, and a multiple of the longest run.
    let lengthBytes = try client.statistics().capacityBytes / 2 / (2 << 20) * (2 << 20)
    let buffer = try client.allocate(bytes: lengthBytes, alignment: 2 << 20)
    var evictor = try OwnEvictor(daemon)
    let floor = try CopyFloor(lengthBytes: lengthBytes)
    // The first time the kernel has to find memory for the store; that is no steady state.
    for repetition in 0...bench.repetitions {
      let mark = UInt8(truncatingIfNeeded: repetition + 1)
      for offset in stride(from: 0, to: lengthBytes, by: PageSize.bytes) {
        buffer.bytes[offset] = mark
      }
      let frames = lengthBytes / client.frameBytes
      let evictionSeconds = try Stopwatch.seconds { try evictor.evictAll(frames: frames) }
      let restoreSeconds = try Stopwatch.seconds {
        let (moved, _) = try buffer.migrate(to: .device)
        guard moved == frames else {
          throw BenchFailure("\(moved) of \(frames) frames were restored")
        }
      }
      let copySeconds = try bench.withThread(at: placement.server) {
        Stopwatch.seconds { floor.copy() }
      }
      try Self.check(buffer, mark)
      guard repetition > 0 else { continue }
      evictions.add(Stopwatch.mebibytesPerSecond(lengthBytes, evictionSeconds))
      restores.add(Stopwatch.mebibytesPerSecond(lengthBytes, restoreSeconds))
      copies.add(Stopwatch.mebibytesPerSecond(lengthBytes, copySeconds))
    }
    client.close()
  }

  private static func check(_ buffer: Buffer, _ mark: UInt8) throws {
    for offset in stride(from: 0, to: buffer.count, by: PageSize.bytes)
    where buffer.bytes[offset] != mark {
      throw BenchFailure("the byte at \(offset) was lost on its way out and back")
    }
  }
}
