// Allocates twice as much as the device holds, and uses all of it as ordinary memory.
import Coherent
import Glibc

func run() throws {
  let client = try Client()  // at the daemon's usual socket, or that of COHERENTD_SOCKET
  let capacityBytes = try client.statistics().capacityBytes
  let buffers = try (0..<4).map { _ in try client.allocate(bytes: capacityBytes / 2) }
  let areas = buffers.map { $0.bytes.bindMemory(to: Int.self) }  // these pointers never change

  for (number, area) in areas.enumerated() { area.initialize(repeating: number) }
  for (number, area) in areas.enumerated() {
    precondition(area.allSatisfy { $0 == number }, "every access finds its data")
  }
  let use = try client.statistics()
  print("\(use.deviceBytes >> 20) MiB on the device, \(use.storedBytes >> 20) MiB evicted;")
  print("\(use.evictedFrames) frames went out meanwhile, \(use.restoredFrames) came back")

  let outcome = try buffers[0].withPin(range: 0..<4096, lease: .milliseconds(50)) { bytes in
    bytes.load(as: Int.self)  // resident, and does not move: for a device, or a system call
  }
  print("the lease held: \(outcome.leaseHeld)")
  for buffer in buffers { try buffer.free() }
}

do {
  try run()
} catch {
  let sentence = "\(error)\n"  // why, with the numbers, and what would help
  write(STDERR_FILENO, sentence, sentence.utf8.count)
  exit(1)
}
