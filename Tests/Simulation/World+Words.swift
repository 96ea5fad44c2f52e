// What clients do to their control words: pin and unpin without a request, keep tokens too long,
// and in a world with hostile clients write anything at any time. What a client that keeps to the
// rules was promised is checked here, after every step.

import CoherentCore
import CoherentShared
import CoherentWire

@testable import CoherentCore

extension World {
  static func word(_ handle: HandleID) -> Int { Int(handle.rawValue & 0xffff_ffff) }

  /// A few fast pins or unpins, and some mischief.
  func useWords(_ position: Int) throws {
    let id = clients[position].id
    for _ in 0...random.below(3) {
      if let position = self.position(of: id) { try useWord(position) }
    }
  }

  private func useWord(_ position: Int) throws {
    guard !isQuiet, !clients[position].isEnding else { return }
    let id = clients[position].id
    if clients[position].isHostile, random.once(in: 3) {
      let word = random.below(setting.core.maximumAllocationsPerSession)
      tally.scribbles += 1
      board[id, word] = ControlWord(rawValue: scribble(board[id, word].rawValue))
    } else if random.once(in: 8), let stale = random.element(clients[position].staleFast) {
      let outcome = board.unpin(id, Self.word(stale.handle), stale.token)
      try law(
        outcome == .leaseExpired || clients[position].isHostile, "what is stale stays stale")
    } else if random.once(in: 3) {
      try unpinFast(position)
    } else if let given = random.element(
      clients[position].given.filter { board[id, Self.word($0.handle)].isResident }),
      let token = board.pin(id, Self.word(given.handle))
    {
      tally.fastPins += 1
      clients[position].fast.append(
        .init(handle: given.handle, frames: given.frames, token: token, since: now))
    }
  }

  private func scribble(_ before: UInt64) -> UInt64 {
    switch random.below(6) {
    case 0: random.next()
    case 1: before ^ 1 << (random.next() % 64)
    case 2: before &+ 1
    case 3: before & ~(0xff << 16)
    case 4: before | 1 << 16
    default: 0
    }
  }

  func unpinFast(_ position: Int) throws {
    guard !clients[position].fast.isEmpty else { return }
    let held = clients[position].fast.remove(at: random.below(clients[position].fast.count))
    switch board.unpin(clients[position].id, Self.word(held.handle), held.token) {
    case .unpinned: break
    case .lastUnderEviction:
      tally.lastUnpinsUnderEviction += 1
      try send(position, .release(held.handle))
    case .leaseExpired, .notPinned:
      try law(clients[position].isHostile, "a fast pin that was not revoked can be given back")
    }
  }

  /// The client's own request may have ended fast pins of an allocation: those are stale now.
  func endOwnFastPins(_ id: SessionID, _ handle: HandleID) {
    // While it asked, the daemon may have died, and who had not attached with it.
    guard let position = position(of: id) else { return }
    let word = board[id, Self.word(handle)]
    endFastPins(position) { held in
      held.handle == handle && word.revocations != held.token.revocations
    }
  }

  /// An event says that the daemon ended the fast pins of an allocation.
  func revokeFastPins(_ position: Int, _ handle: HandleID, pins: UInt32) throws {
    let held = clients[position].fast.filter { $0.handle == handle }
    tally.revokedPins += held.count
    if !clients[position].isHostile {
      try law(held.count == Int(pins), "every pin that is revoked was held: \(pins)")
      for pin in held {
        try law(
          pin.since.adding(milliseconds: setting.core.defaultLeaseMilliseconds) <= now,
          "no fast pin is revoked before its lease is over")
      }
    }
    endFastPins(position) { $0.handle == handle }
  }

  private func endFastPins(_ position: Int, where isEnded: (SimulatedClient.FastPin) -> Bool) {
    let fast = clients[position].fast
    clients[position].staleFast += fast.filter(isEnded)
    clients[position].fast = fast.filter { !isEnded($0) }
    let surplus = clients[position].staleFast.count - 8
    if surplus > 0 { clients[position].staleFast.removeFirst(surplus) }
  }

  // MARK: laws

  /// What a fast pin promises: it holds, and all of its allocation is there and does not move.
  func checkFastPins() throws {
    for client in clients where !client.isEnding && !client.isHostile {
      guard let slot = core.sessions.slot(of: client.id) else { continue }
      for held in client.fast {
        let word = board[client.id, Self.word(held.handle)]
        try law(
          word.revocations == held.token.revocations && word.count > 0,
          "a fast pin holds until somebody says that it does not")
        for index in held.frames {
          let frame = core.sessions[slot].arena.frames[index]
          try law(
            frame.isResident && client.memory.frames[index].arena != nil,
            "what is pinned fast is there: \(index), \(frame)")
        }
      }
      try law(
        core.longTermFramesOutsideHost(client.id) == 0, "no long-term pin holds device memory")
    }
  }

  /// The core's word is the client's word, as long as the client lets it be.
  func recountWords() throws {
    for client in clients where !client.isEnding {
      guard let slot = core.sessions.slot(of: client.id) else { continue }
      let allocations = core.sessions[slot].arena.allocations
      for index in 0..<allocations.endSlot where allocations.holds(slot: index) {
        let allocation = allocations[slot: index]
        if allocation.word == .closing {
          try law(
            allocation.wordDeadline != .never && core.nextDeadline != nil,
            "every wait for a word has a deadline")
        }
        guard !client.isHostile else { continue }
        let word = board[client.id, index]
        let held = client.fast.count { Self.word($0.handle) == index }
        try law(Int(word.count) == held, "a word counts the pins that are held: \(word.count)")
        try law(
          word.isResident == (allocation.word != .closed)
            && word.isEvicting == (allocation.word == .closing),
          "the core knows what it has lent out: \(allocation.word)")
      }
    }
  }
}
