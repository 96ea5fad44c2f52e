// The floor of a fault: memory whose faults a bare handler in another process answers, with the
// same kernel calls and the same copy as the daemon's, and none of its bookkeeping.

import CoherentShared
import CoherentSystem

final class FaultFloor {
  private let file: MemoryFile
  private let mapping: Mapping
  private let fault: Userfault
  private let worker: Worker

  /// As an arena is mapped: see `Coherent.Arena`.
  private static let alignmentBytes = 2 << 20

  init(lengthBytes: Int, frameBytes: Int, processors: [Int]?) throws {
    let layout = SessionFileLayout(arenaBytes: UInt64(lengthBytes), controlSlots: 1)
    file = try MemoryFile(name: "coherent-bench-floor", sizeBytes: layout.fileBytes)
    try file.seal()
    mapping = try Mapping(
      file: file, lengthBytes: lengthBytes, alignmentBytes: Self.alignmentBytes)
    try mapping.excludeFromForkAndDump()
    fault = try Self.userfault()
    try fault.handshake()
    try fault.register(baseAddress: mapping.address, lengthBytes: UInt64(lengthBytes))
    worker = try Worker(
      "fault-handler",
      ["--base", "\(mapping.address)", "--length", "\(lengthBytes)", "--frame", "\(frameBytes)"],
      processors: processors)
    try worker.channel.send([0], descriptors: [fault.raw, file.raw])
    try worker.channel.await("ready", from: "the bare fault handler")
  }

  private static func userfault() throws(SystemError) -> Userfault {
    do throws(SystemError) {
      return try Userfault.create(userModeOnly: false)
    } catch  where error.isNotPermitted {
      return try Userfault.create(userModeOnly: true)
    }
  }

  var bytes: UnsafeMutableRawBufferPointer { mapping.bytes }

  /// Every frame goes to the store.
  func evict() throws { try order("evict") }

  /// Every frame is untouched again.
  func forget() throws { try order("forget") }

  func end() throws { try worker.end() }

  private func order(_ order: String) throws {
    try worker.channel.send(order)
    try worker.channel.await(order, from: "the bare fault handler")
  }
}
