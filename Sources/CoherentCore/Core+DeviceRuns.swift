// Which frames of a session lie on the device, and in which blocks: for whoever looks where their
// memory really is.

import CoherentWire

extension Core {
  /// Frames of a session that lie on the device in bound blocks, as runs in one block each: at most
  /// `limit` runs from an arena's frame on, and the frame to go on with; nil at the end. O(frames
  /// that are looked at), which are bounded.
  package func boundRuns(
    of id: SessionID, from first: Int, limit: Int
  ) -> (runs: [BoundRun], next: Int?) {
    guard let slot = sessions.slot(of: id) else { return ([], nil) }
    let end = sessions[slot].arena.frames.count
    let stop = min(end, first + Self.framesAtATime)
    var runs: [BoundRun] = []
    for index in first..<max(first, stop) {
      guard let block = boundBlock(slot, index) else { continue }
      if let last = runs.last, last.end == index, last.block == block {
        runs[runs.count - 1].count += 1
      } else if runs.count == limit {
        return (runs, index)
      } else {
        runs.append(BoundRun(first: index, count: 1, block: block))
      }
    }
    return (runs, stop < end ? stop : nil)
  }

  /// The bound block in which a session's frame lies at rest, nil if it lies in none.
  package func boundBlock(of id: SessionID, frame index: Int) -> Int? {
    guard let slot = sessions.slot(of: id), sessions[slot].arena.frames.indices.contains(index)
    else { return nil }
    return boundBlock(slot, index)
  }

  private static let framesAtATime = 65_536

  private func boundBlock(_ slot: Int, _ index: Int) -> Int? {
    let frame = sessions[slot].arena.frames[index]
    guard frame.isAllocated, frame.place == .device else { return nil }
    let block = region.block(ofFrame: Int(frame.deviceFrame))
    return region.blocks[block].kind == .unbound ? nil : block
  }
}

/// Frames of an arena that lie in one bound block.
package struct BoundRun: Equatable, Sendable {
  package var first: Int
  package var count: Int
  package var block: Int
  package var end: Int { first + count }
}
