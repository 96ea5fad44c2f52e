// The device as a picture: its frames in runs that are alike, a page at a time. Between two pages
// frames may change, as on any map.

import CoherentWire

/// Device frames of one block that are in one state, of one owner, pinned or not.
package struct MapRun: Equatable, Sendable {
  package var firstFrame: Int
  package var frames: Int
  package var block: Int
  package var state: DeviceFrame.State
  /// Whose they are; nil while nobody has them.
  package var session: SessionID?
  package var process: UInt32 = 0
  package var isPinned = false

  fileprivate func isLike(_ other: MapRun) -> Bool {
    block == other.block && state == other.state && session == other.session
      && isPinned == other.isPinned
  }
}

extension Core {
  /// Frames that one page looks at, so that no call holds the lock for long.
  private static let framesPerPage = 65_536

  /// At most `limit` runs from a frame on, and the frame to go on with, nil at the end.
  package func map(fromFrame first: Int, limit: Int) -> (runs: [MapRun], next: Int?) {
    var runs: [MapRun] = []
    var index = first
    let total = region.blocks.count * region.blockFrames
    let end = min(total, index + Self.framesPerPage)
    while index < end {
      guard let frame = mapped(index) else {
        index = (index / region.blockFrames + 1) * region.blockFrames
        continue
      }
      if let last = runs.last, last.firstFrame + last.frames == index, last.isLike(frame) {
        runs[runs.count - 1].frames += frame.frames
      } else if runs.count < limit {
        runs.append(frame)
      } else {
        break
      }
      index += frame.frames
    }
    return (runs, index < total ? index : nil)
  }

  /// One frame as a run, or what is left of a block that is offline; nil in a block that there is not.
  private func mapped(_ index: Int) -> MapRun? {
    let block = region.block(ofFrame: index)
    switch region.blocks[block].state {
    case .absent: return nil
    case .offline:
      let rest = region.frames(ofBlock: block).upperBound - index
      return MapRun(firstFrame: index, frames: rest, block: block, state: .offline)
    case .online, .goingOffline: break
    }
    let frame = region[index]
    var run = MapRun(firstFrame: index, frames: 1, block: block, state: frame.state)
    switch frame.state {
    case .free, .isolated, .offline: return run
    case .reserved, .device, .evicting, .restoring, .releasing: break
    }
    let slot = Int(frame.session)
    guard sessions.holds(slot: slot) else { return run }
    run.session = sessions[slot].id
    run.process = sessions[slot].process
    let owner = sessions[slot].arena.frames[Int(frame.arenaFrame)]
    guard owner.isAllocated, !sessions[slot].isEnding else { return run }
    run.isPinned =
      owner.isPinned || sessions[slot].arena.allocation(ofFrame: Int(frame.arenaFrame)).wordIsPinned
    return run
  }
}
