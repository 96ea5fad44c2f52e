// What must hold between the core and the simulated memory: after every step what is cheap, now
// and then everything, and when all has come to rest much more.

import CoherentWire

@testable import CoherentCore

extension World {
  func checkCheapLaws() throws {
    try law(core.region.counts.sum == core.region.frames.count, "every frame is in one state")
    try checkFastPins()
    for user in core.users.users {
      for table in SharedTable.allCases {
        try law(
          core.users[user][table] <= core.share(of: table).most, "nobody has more than a share")
      }
    }
    for client in clients where !client.isEnding {
      guard let slot = core.sessions.slot(of: client.id) else {
        throw LawBroken(description: "a session that has not ended is there")
      }
      for thread in client.threads where thread.state == .waiting && client.pager.steps.isEmpty {
        let frame = core.sessions[slot].arena.frame(thread.frame)
        try law(
          frame?.isPassing == true && frame?.flags.contains(.isFaulted) == true,
          "whoever waits for frame \(thread.frame) waits for something under way, and stalls")
      }
    }
  }

  func recount() throws {
    core.checkInvariants()
    try recountWords()
    try recountStalls()
    for client in clients {
      try client.memory.check()
      guard !client.isEnding, let slot = core.sessions.slot(of: client.id) else { continue }
      let session = core.sessions[slot]
      if client.pager.steps.isEmpty { try checkKinds(client, session) }
      for (index, frame) in session.arena.frames.enumerated() where frame.isAllocated {
        let memory = client.memory.frames[index]
        guard !session.arena.allocation(ofFrame: index).isDying else { continue }
        if frame.isResident, frame.flags.contains(.copyIsCurrent) {
          try law(
            memory.mapping != .readWrite && memory.store == memory.arena,
            "a clean frame is its copy: \(index), \(frame), \(memory)")
        }
        guard client.pager.steps.isEmpty else { continue }
        try law(
          (memory.store != nil) == frame.flags.contains(.hasCopy),
          "the core knows which copies there are: \(index), \(frame)")
        try law(
          (memory.arena != nil)
            == (frame.isResident || (frame.place == .evicting && memory.named == .arena)),
          "the core knows what lies in the arena: \(index), \(frame)")
        if !setting.core.oversubscribe {
          try law(
            frame.deviceFrame != Frame.none, "what is never evicted keeps its device frame")
        }
      }
    }
  }

  // MARK: rest

  /// Lets everything under way come to its end; then nothing may be left over.
  func comeToRest() throws {
    isQuiet = true
    defer { isQuiet = false }
    var rounds = 0
    while try !isAtRest() {
      rounds += 1
      try law(rounds < 20_000, "the world comes to rest")
      for client in clients { try endLongTermPins(client) }
      for position in clients.indices.reversed() {
        for _ in 0..<4 where position < clients.count {
          try runThread(position)
          try runPager(position)
        }
      }
      try carve()
      if plug.committed != nil { try plugSomething() }
      if rounds % 8 == 0, let next = core.nextDeadline {
        now = max(now, next)
        try tick()
      }
      now = now.adding(milliseconds: 20)
      if lastTick.adding(milliseconds: 1000) < now { try tick() }
      try checkCheapLaws()
    }
    try recount()
    try checkRest()
  }

  /// These have no deadline: whoever holds one gives it back.
  private func endLongTermPins(_ client: SimulatedClient) throws {
    for held in client.held where held.isLongTerm {
      guard let position = position(of: client.id), !clients[position].isEnding else { return }
      try send(position, .unpin(held.pin))
    }
  }

  private func isAtRest() throws -> Bool {
    core.nextDeadline == nil && core.status().pins == 0 && !carver.isAwake && carver.works.isEmpty
      && plug.committed == nil
      && clients.allSatisfy { client in
        client.pager.isIdle && !client.isEnding
          && client.threads.allSatisfy { $0.state == .idle || $0.state == .waiting }
          && core.sessions.slot(of: client.id).map { slot in
            core.sessions[slot].arena.stale.isEmpty
          } ?? false
      }
  }

  private func checkRest() throws {
    let status = core.status()
    try law(status.waiters == 0 && core.frameQueue.isEmpty, "at rest nobody waits")
    try law(status.pins == 0 && status.pinnedFrames == 0, "at rest every lease has ended")
    try law(core.lentWords == 0, "at rest nothing is lent out")
    try law(core.pinsBehind == 0 && !core.ordersAwaitWords, "at rest nobody stands behind")
    try law(orders.isEmpty, "at rest every order is answered")
    try readHistory()
    try checkRestOfStalls()
    try law(status.places[.evicting] == 0 && status.places[.restoring] == 0, "nothing passes")
    try law(core.framesOnTheirWay == 0, "no device frame is on its way")
    try law(core.carvingBacklog == 0, "all carving is done")
    for (index, frame) in core.region.frames.enumerated() {
      try law(
        !frame.needsCarving && frame.isFilled == carver.isFilled[index],
        "the region's memory is as it should be: frame \(index)")
    }
    try law(core.region.leavingBlocks == 0, "at rest no block is going")
    try checkCommitted()
    if isUnderPressure {
      try law(core.region.evictable == 0, "pressure goes on only if nothing can be evicted")
    }
    for client in clients {
      try law(client.asked.isEmpty, "at rest every request is answered")
      for thread in client.threads {
        try law(thread.state == .idle, "at rest no thread waits for frame \(thread.frame)")
      }
      guard let slot = core.sessions.slot(of: client.id) else { continue }
      for frame in core.sessions[slot].arena.frames where frame.flags.contains(.hasCopy) {
        try law(
          frame.place == .stored
            || (frame.place == .device && frame.flags.contains(.copyIsCurrent)),
          "at rest no stale copy is left, and none beside what lies in the host: \(frame)")
      }
    }
    try law(
      status.places[.host] + status.copiedFrames <= setting.core.hostLimitFrames
        || !setting.core.oversubscribe, "the host's limit holds")
  }

  /// Everybody leaves: then everything is free.
  func endAll() throws {
    for position in clients.indices where !clients[position].isEnding { try disconnect(position) }
    try comeToRest()
    try law(clients.isEmpty, "every session ends")
    try law(core.region.free == core.region.online, "all device memory is free again")
    try law(core.hostReservedFrames == 0 && core.allocationCount == 0, "nothing is reserved")
    try law(core.userCount == 0, "nobody is charged anything")
  }
}
