// Who stands in the way. Every refusal that is due to a pin names the session that holds it: of one
// range the owner, since nobody else can pin it; of the device as a whole the one that pins most.

import CoherentWire

extension Core {
  /// Device frames of a session that stay where they are because of its pins. Of a word it counts
  /// what was seen last.
  private func pinnedDeviceFrames(_ slot: Int) -> Int {
    guard sessions.holds(slot: slot), !sessions[slot].isEnding else { return 0 }
    return sessions[slot].arena.pinnedDeviceFrames
  }

  /// Every session that pins device memory, the one with the most first. O(sessions).
  private var pinHolders: [PinHolder] {
    (0..<sessions.endSlot).compactMap { slot in
      let frames = pinnedDeviceFrames(slot)
      return frames == 0 ? nil : holder(slot, frames: frames)
    }.sorted { ($1.frames, $0.session) < ($0.frames, $1.session) }
  }

  private func holder(_ slot: Int, frames: Int) -> PinHolder {
    PinHolder(session: sessions[slot].id, process: sessions[slot].process, frames: frames)
  }

  // MARK: refusals

  /// The session of a slot is in the way: it pins so many frames of what was asked.
  func name(_ slot: Int, pinnedFrames: Int, _ refusal: inout Refusal) {
    refusal.holderProcess = sessions[slot].process
    refusal.holderSession = sessions[slot].id.rawValue
    refusal.pinned = bytes(pinnedFrames)
  }

  /// What is pinned of the device, and who pins most of it. Where nothing is ever evicted a pin is
  /// in nobody's way.
  func nameMostPinning(_ refusal: inout Refusal) {
    let holders = pinHolders
    refusal.pinned = bytes(holders.reduce(0) { $0 + $1.frames })
    guard configuration.oversubscribe, let most = holders.first else { return }
    refusal.holderProcess = most.process
    refusal.holderSession = most.session.rawValue
  }

  /// A migration was not done in time: what it is about is pinned, or the device is full of what
  /// others pin. The move for a long-term pin passes its requester's own pins, and needs no room on
  /// the device: if it is late, that is nobody's pin.
  mutating func lateMigration(
    _ slot: Int, _ range: Range<Int>, to target: MigrationTarget, isForPin: Bool = false
  ) -> Refusal {
    var refused = refusal(.timedOut, asked: bytes(range.count), available: bytes(region.free))
    guard !isForPin else { return refused }
    let wordIsPinned = sessions[slot].arena.allocation(ofFrame: range.lowerBound).wordIsPinned
    let missing = sessions[slot].arena.frames[range].filter { !isAtGoal($0, target) }
    let pinned = missing.count { $0.isPinned || wordIsPinned }
    if pinned > 0 {
      name(slot, pinnedFrames: pinned, &refused)
    } else if target == .device, missing.contains(where: { $0.place == .stored }) {
      nameMostPinning(&refused)
    }
    return refused
  }

  // MARK: evictions

  /// Whose pins kept an administrator's eviction from being complete, the most first.
  func holders(inTheWayOf eviction: Waiter.Eviction) -> [PinHolder] {
    guard let id = eviction.session else {
      // What is pinned stands in no order of eviction, so nobody came across it.
      return eviction.evictedFrames < eviction.wantedFrames ? pinHolders : []
    }
    guard eviction.skippedPinnedFrames > 0, let slot = sessions.slot(of: id) else { return [] }
    return [holder(slot, frames: eviction.skippedPinnedFrames)]
  }
}
