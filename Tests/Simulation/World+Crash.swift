// The daemon dies, between any two steps, and another one takes over: what the tables, the words
// and the memory files say is all it has. Nothing that a client holds may have changed, and no
// request may be done twice.

import CoherentWire
import TestSupport

@testable import CoherentCore

extension World {
  func crash() throws {
    crashes += 1
    orders = []
    for client in clients where !client.isAttached || client.isEnding {
      ledger.remove(client.id)
      board.remove(client.id)
    }
    clients.removeAll { !$0.isAttached || $0.isEnding }
    let found = ledger.recovered(board)
    let sessions = clients.map { client in
      var session =
        found.first { $0.id == client.id } ?? RecoveredSession(id: client.id, process: 0)
      session.user = client.user
      return session
    }
    let givenUp = giveUpPins(sessions)
    punchOfflineBlocks()
    let before = try held(without: givenUp)
    do {
      core = try Core.recovered(
        setting.core, sessions, blocks: ledger.blocks, filled: carver.isFilled,
        nextSession: lastSession + 1,
        hostFrames: 0, now)
    } catch {
      throw LawBroken(description: "what was noted can be gone on with: \(error)")
    }
    core.checkInvariants()
    reader = HistoryReader()
    let after = try held(without: [])
    try law(after == before, "allocations and pins are as they were: \(before) \(after)")
    isUnderPressure = core.isUnderPressure
    carver.works = []
    carver.isAwake = core.region.hasCarvingWork
    for position in clients.indices {
      clearMemory(position, sessions[position].frameMap())
      clients[position].pager = SimulatedPager()
      for thread in clients[position].threads.indices
      where clients[position].threads[thread].state != .idle {
        clients[position].threads[thread].state = .accessing
      }
      try clients[position].memory.check()
    }
    for position in clients.indices { try askAgain(position) }
    try event { _, _ in }
    // Events that said what had ended may be lost; the words say it all the same.
    for client in clients {
      for held in client.fast { endOwnFastPins(client.id, held.handle) }
    }
  }

  /// What the next daemon does first: memory that is nobody's valid copy is given back.
  private func clearMemory(_ position: Int, _ map: [FrameRecord]) {
    for index in clients[position].memory.frames.indices {
      let record = index < map.count ? map[index] : .zero
      var frame = clients[position].memory.frames[index]
      let isResident = record == .device || record == .host
      frame.named = isResident ? .arena : record == .stored ? .store : .nothing
      if !isResident {
        frame.arena = nil
        frame.mapping = .none
      }
      if record != .stored { frame.store = nil }
      clients[position].memory.frames[index] = frame
    }
  }

  /// Short pins of what their owner's own long-term pin was moving end with the daemon.
  private func giveUpPins(_ sessions: [RecoveredSession]) -> [Set<UInt64>] {
    clients.indices.map { position in
      let pins = sessions[position].pins.compactMap { $0 }
        .filter { sessions[position].isGivenUp($0) }
      let numbers = Set(pins.map(\.identifier))
      clients[position].expired += clients[position].held.filter {
        numbers.contains($0.pin.rawValue)
      }
      clients[position].held.removeAll { numbers.contains($0.pin.rawValue) }
      return numbers
    }
  }

  /// The handles and pins of every client, as text, but for some pins.
  private func held(without others: [Set<UInt64>]) throws -> [String] {
    try clients.enumerated().map { position, client in
      guard let slot = core.sessions.slot(of: client.id) else {
        throw LawBroken(description: "a session that lives is known")
      }
      let session = core.sessions[slot]
      let allocations = session.arena.allocations
      var parts: [String] = []
      for index in 0..<allocations.endSlot
      where allocations.holds(slot: index) && !allocations[slot: index].isDying {
        parts.append("\(allocations.identifier(slot: index)) \(allocations[slot: index].range)")
      }
      for index in 0..<session.pins.endSlot where session.pins.holds(slot: index) {
        let pin = session.pins[slot: index]
        let number = session.pins.identifier(slot: index)
        if !others.isEmpty, others[position].contains(number) { continue }
        parts.append("\(number) \(pin.range) \(pin.deadline)")
      }
      return parts.joined(separator: "; ")
    }
  }

  private func askAgain(_ position: Int) throws {
    let id = clients[position].id
    for asked in clients[position].asked {
      guard let index = clients[position].asked.firstIndex(where: { $0.number == asked.number })
      else { continue }
      clients[position].asked[index].deadline = now.adding(milliseconds: bound(of: asked.request))
      try event { core, effects in
        core.request(
          asked.request, number: asked.number, from: id, isRepeat: true, now, &effects)
      }
    }
  }
}
