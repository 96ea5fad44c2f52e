// Why an allocation is where it is. Each frame tells its place and, if it was evicted, when by the
// clock of the eviction order; the entry of the history of that time tells who did it. Where two
// causes took turns within a second, the times of their entries overlap: then the later one is
// named for what went while both were at work.

import CoherentWire

extension Core {
  /// The most entries of the history that an explanation has.
  private static let historyLimit = 64

  /// The allocations that a handle names: of one session, or of each that has one; empty if there
  /// is none. Of their frames nothing is said yet. O(sessions + entries of the history for each).
  package func explain(session: SessionID?, handle: HandleID) -> [Explanation] {
    let ids = session.map { [$0] } ?? sessions.ids.sorted()
    return ids.compactMap { id in
      guard let (slot, allocation) = explained(id, handle) else { return nil }
      let session = sessions[slot]
      let held = session.arena.allocations[slot: allocation]
      var status = AllocationStatus()
      status.handle = HandleID(
        rawValue: session.arena.allocations.identifier(slot: allocation))
      status.session = session.id
      status.process = session.process
      status.firstFrame = held.range.lowerBound
      status.frames = held.range.count
      status.priority = held.priority
      var explanation = Explanation(allocation: status)
      explanation.history =
        history.newest(limit: Self.historyLimit) {
          $0.session == status.session && $0.allocation == status.handle
        }.reversed()
      explanation.rememberedSince = history.rememberedSince
      return explanation
    }
  }

  /// The sessions that have an allocation of this name, in ascending order. O(sessions).
  package func sessions(having handle: HandleID) -> [SessionID] {
    sessions.ids.filter { explained($0, handle) != nil }.sorted()
  }

  /// Explains the next frames, at most `limit`. False when nothing is left to be explained; an
  /// allocation that was freed meanwhile is explained as far as it came. O(limit).
  package func explainMore(_ explanation: inout Explanation, limit: Int) -> Bool {
    let status = explanation.allocation
    guard let (slot, allocation) = explained(status.session, status.handle) else { return false }
    let session = sessions[slot]
    let held = session.arena.allocations[slot: allocation]
    let first = held.range.lowerBound + explanation.explainedFrames
    let end = min(first + limit, held.range.upperBound)
    let done = Array(explanation.history.reversed())
    var last: (frame: Frame, part: Int)?
    for index in first..<end {
      let frame = session.arena.frames[index]
      let place = Self.place(frame)
      explanation.allocation.places[place] += 1
      if frame.isPassing { explanation.movingFrames += 1 }
      if frame.isPinned || held.wordIsPinned { explanation.allocation.pinnedFrames += 1 }
      // Neighbours are mostly alike.
      if let last, last.frame.isAlike(frame) {
        explanation.parts[last.part].frames += 1
      } else {
        last = (frame, explanation.add(Self.part(frame, place, done)))
      }
    }
    explanation.explainedFrames += end - first
    return end < held.range.upperBound
  }

  private func explained(_ id: SessionID, _ handle: HandleID) -> (slot: Int, allocation: Int)? {
    guard let slot = sessions.slot(of: id), !sessions[slot].isEnding,
      let allocation = sessions[slot].arena.allocations.slot(of: handle.rawValue),
      !sessions[slot].arena.allocations[slot: allocation].isDying
    else { return nil }
    return (slot, allocation)
  }

  /// Where a frame is, or comes from.
  private static func place(_ frame: Frame) -> Place {
    switch frame.place {
    case .evicting: frame.deviceFrame == Frame.none ? .host : .device
    case .restoring: .stored
    case .untouched, .device, .host, .stored: frame.place
    }
  }

  private static func part(
    _ frame: Frame, _ place: Place, _ done: [HistoryEntry]
  ) -> Explanation.Part {
    var part = Explanation.Part(place: place, reason: .reserved, frames: 1)
    switch place {
    case .device:
      part.entry = frame.evictedStamp == 0 ? nil : done.first { $0.kind == .restored }
      part.reason = part.entry == nil ? .placed : .restored
    case .host:
      part.reason =
        frame.flags.contains(.isPinnedInHost)
        ? .pinnedInHost : frame.flags.contains(.isKeptInHost) ? .keptInHost : .deviceWasFull
      part.entry = done.first { $0.kind == .restored }
    case .stored:
      part.entry = done.first { $0.kind == .evicted && $0.covers(frame.evictedStamp) }
      part.reason = frame.flags.contains(.hasCopy) ? .evicted : .empty
    case .untouched, .evicting, .restoring: break
    }
    return part
  }
}

extension Explanation {
  /// Counts it with its like; where that stands.
  fileprivate mutating func add(_ part: Part) -> Int {
    let known = parts.lastIndex {
      $0.place == part.place && $0.reason == part.reason && $0.entry?.number == part.entry?.number
    }
    if let known {
      parts[known].frames += 1
      return known
    }
    parts.append(part)
    return parts.count - 1
  }
}

extension Frame {
  /// Whether the same is to be said of another one.
  fileprivate func isAlike(_ other: Frame) -> Bool {
    place == other.place && flags == other.flags && evictedStamp == other.evictedStamp
      && (deviceFrame == Frame.none) == (other.deviceFrame == Frame.none)
  }
}

extension HistoryEntry {
  /// Whether a frame that was evicted at this time of the eviction order is among those of it.
  fileprivate func covers(_ stamp: UInt32) -> Bool {
    stamp != 0 && stamp &- firstStamp <= lastStamp &- firstStamp
  }
}
