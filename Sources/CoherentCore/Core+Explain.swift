// Why an allocation is where it is. Each frame tells its place and, if it was evicted, when by the
// clock of the eviction order; the entry of the history of that time tells who did it. Of two
// evictions between which that clock stood still, no frame was placed in between: then the later
// one is named for both.

import CoherentWire

extension Core {
  /// The most entries of the history that an explanation has.
  private static let historyLimit = 64

  /// The allocations that a handle names: of one session, or of each that has one. Empty if there
  /// is none. O(frames of the allocations).
  package func explain(session: SessionID?, handle: HandleID) -> [Explanation] {
    let ids = session.map { [$0] } ?? sessions.ids.sorted()
    return ids.compactMap { id in
      guard let slot = sessions.slot(of: id), !sessions[slot].isEnding,
        let allocation = sessions[slot].arena.allocations.slot(of: handle.rawValue),
        !sessions[slot].arena.allocations[slot: allocation].isDying
      else { return nil }
      return explain(slot, allocation)
    }
  }

  private func explain(_ slot: Int, _ allocation: Int) -> Explanation {
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
    let done = history.newest(limit: Self.historyLimit) {
      $0.session == status.session && $0.allocation == status.handle
    }
    for index in held.range {
      let frame = session.arena.frames[index]
      let place = Self.place(frame)
      explanation.allocation.places[place] += 1
      if frame.isPassing { explanation.movingFrames += 1 }
      if frame.isPinned || held.wordIsPinned { explanation.allocation.pinnedFrames += 1 }
      explanation.add(Self.part(frame, place, done))
    }
    explanation.history = done.reversed()
    explanation.rememberedSince = history.rememberedSince
    return explanation
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
  /// Neighbours are mostly alike.
  fileprivate mutating func add(_ part: Part) {
    let known = parts.lastIndex {
      $0.place == part.place && $0.reason == part.reason && $0.entry?.number == part.entry?.number
    }
    if let known {
      parts[known].frames += 1
    } else {
      parts.append(part)
    }
  }
}

extension HistoryEntry {
  /// Whether a frame that was evicted at this time of the eviction order is among those of it.
  fileprivate func covers(_ stamp: UInt32) -> Bool {
    stamp != 0 && stamp &- firstStamp <= lastStamp &- firstStamp
  }
}
