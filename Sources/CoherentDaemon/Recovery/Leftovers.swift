// What the arena and the host store of a session that goes on hold without being what counts:
// copies that were being made, pages whose copies had become the valid ones, memory of allocations
// that were freed. Its pager gives it back before it serves anything, since its client can hold
// that up.

import CoherentCore
import CoherentShared
import CoherentSystem

struct Leftovers: Sendable {
  /// Of every frame of the arena, what its table said.
  private let map: [FrameRecord]
  private let frameBytes: UInt64

  init(_ recovered: RecoveredSession, frameBytes: UInt64) {
    map = recovered.frameMap()
    self.frameBytes = frameBytes
  }

  private static func countsInArena(_ frame: FrameRecord) -> Bool {
    frame == .device || frame == .host
  }

  private static func countsInStore(_ frame: FrameRecord) -> Bool { frame == .stored }

  /// How many bytes of it count.
  var keptBytes: UInt64 {
    UInt64(map.count { Self.countsInArena($0) || Self.countsInStore($0) }) * frameBytes
  }

  /// Punches everything else out of the file; what is left is what the table says. `beat` is called
  /// after each step.
  func giveBack(
    _ session: ClientSession, _ thread: Heartbeat, beat: () -> Void
  ) throws(SystemError) {
    let file = session.memory.file
    let arenaBytes = session.layout.arenaBytes
    for (startBytes, counts) in [(0, Self.countsInArena), (arenaBytes, Self.countsInStore)] {
      var dead: UInt64 = 0
      for (index, frame) in map.enumerated() where counts(frame) {
        let offset = UInt64(index) * frameBytes
        if offset > dead {
          try file.punch(offsetBytes: startBytes + dead, lengthBytes: offset - dead, thread)
          beat()
        }
        dead = offset + frameBytes
      }
      if arenaBytes > dead {
        try file.punch(offsetBytes: startBytes + dead, lengthBytes: arenaBytes - dead, thread)
        beat()
      }
    }
  }
}
