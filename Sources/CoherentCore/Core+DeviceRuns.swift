// Which frames of a session lie on the device, and in which blocks, and which in host memory: for
// whoever looks where their memory really is.

import CoherentWire

extension Core {
  /// Frames of a session that lie in host memory, or on the device in bound blocks, as runs in one
  /// place each: at most `limit` runs from an arena's frame on, and the frame to go on with; nil at
  /// the end. O(frames that are looked at), which are bounded.
  package func placedRuns(
    of id: SessionID, from first: Int, limit: Int
  ) -> (runs: [PlacedRun], next: Int?) {
    guard let slot = sessions.slot(of: id) else { return ([], nil) }
    let end = sessions[slot].arena.frames.count
    let stop = min(end, first + Self.framesAtATime)
    var runs: [PlacedRun] = []
    for index in first..<max(first, stop) {
      guard let spot = spot(slot, index) else { continue }
      if let last = runs.last, last.end == index, last.spot == spot {
        runs[runs.count - 1].count += 1
      } else if runs.count == limit {
        return (runs, index)
      } else {
        runs.append(PlacedRun(first: index, count: 1, spot: spot))
      }
    }
    return (runs, stop < end ? stop : nil)
  }

  /// Where a session's frame lies at rest; nil if it passes, or lies in memory of no matter.
  package func spot(of id: SessionID, frame index: Int) -> FrameSpot? {
    guard let slot = sessions.slot(of: id), sessions[slot].arena.frames.indices.contains(index)
    else { return nil }
    return spot(slot, index)
  }

  private static let framesAtATime = 65_536

  private func spot(_ slot: Int, _ index: Int) -> FrameSpot? {
    let frame = sessions[slot].arena.frames[index]
    guard frame.isAllocated else { return nil }
    switch frame.place {
    case .device:
      let block = region.block(ofFrame: Int(frame.deviceFrame))
      return region.blocks[block].kind == .unbound ? nil : .block(block)
    case .host: return .host
    case .stored: return frame.flags.contains(.hasCopy) ? .store : nil
    case .untouched, .evicting, .restoring: return nil
    }
  }
}

/// Where the memory of a frame at rest has to lie.
package enum FrameSpot: Hashable, Sendable {
  /// In the arena, as memory of a bound block.
  case block(Int)
  /// In the arena, as ordinary memory.
  case host
  /// In the host store.
  case store
}

/// Frames of an arena that lie in one place.
package struct PlacedRun: Equatable, Sendable {
  package var first: Int
  package var count: Int
  package var spot: FrameSpot
  package var end: Int { first + count }
}
