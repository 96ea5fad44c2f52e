// What clients and administrators do: sensible things mostly, nonsense now and then.

import CoherentWire

@testable import CoherentCore

extension World {
  // MARK: requests

  func ask(_ position: Int) throws {
    guard !isQuiet, !clients[position].isEnding else { return }
    let timeout = random.once(in: 4) ? 0 : UInt32(random.below(12) + 1)
    let choice = random.below(100)
    if choice < 30 {
      try send(
        position,
        .allocate(
          sizeBytes: UInt64(random.below(setting.largestAllocationFrames) + 1)
            * setting.core.frameBytes - UInt64(random.below(2)),
          alignmentBytes: random.once(in: 4) ? setting.core.frameBytes * 2 : 0,
          timeoutMilliseconds: timeout, priority: UInt8(random.below(4) * 64)))
    } else if choice < 42 {
      try free(position)
    } else if choice < 46 {
      try sendNonsense(position)
    } else if choice < 60,
      let held = random.element(
        clients[position].held + clients[position].expired + clients[position].told)
    {
      try send(position, .unpin(held.pin))
    } else if let range = someRange(position) {
      try askAbout(range, position, timeout)
    }
  }

  private func askAbout(_ range: HandleRange, _ position: Int, _ timeout: UInt32) throws {
    switch random.below(15) {
    case 0..<2:
      try send(
        position,
        .pin(
          range, leaseMilliseconds: UInt32(random.below(8)), timeoutMilliseconds: timeout))
    case 2, 3, 12..<14:
      try send(
        position,
        .pin(
          whole(position, range.handle), leaseMilliseconds: UInt32(random.below(8)),
          timeoutMilliseconds: timeout))
    case 14:
      let id = clients[position].id
      try send(
        position,
        .pin(range, leaseMilliseconds: 0, timeoutMilliseconds: timeout, isLongTerm: true))
      endOwnFastPins(id, range.handle)
    case 4..<6: try send(position, .migrate(range, to: .host, timeoutMilliseconds: timeout))
    case 6..<8: try send(position, .migrate(range, to: .device, timeoutMilliseconds: timeout))
    case 8: try send(position, .advise(range, .willNeed))
    case 9: try send(position, .advise(range, .cold))
    case 10: try discard(position, random.once(in: 4) ? range : rounded(range))
    default: try send(position, .query(range))
    }
  }

  func send(_ position: Int, _ request: Request) throws {
    let number = RequestID(rawValue: clients[position].nextNumber)
    clients[position].nextNumber += 1
    let asked = SimulatedClient.Asked(
      number: number, request: request, deadline: now.adding(milliseconds: bound(of: request)))
    clients[position].asked.append(asked)
    let id = clients[position].id
    if setting.crashesOnceIn > 0, random.once(in: setting.crashesOnceIn) {
      // It was done, and the reply is lost.
      var effects: [Effect] = []
      core.request(request, number: number, from: id, now, &effects)
      board.work(for: &core, now, &effects)
      ledger.note(from: &core)
      return try crash()
    }
    let behind = core.pinsBehind
    try event { core, effects in core.request(request, number: number, from: id, now, &effects) }
    if core.pinsBehind > behind { tally.pinsBehind += 1 }
    if bound(of: request) == 0 {
      try law(
        !clients[position].asked.contains { $0.number == number },
        "what may not wait is answered at once: \(request)")
    }
  }

  /// How long the answer to a request may take.
  func bound(of request: Request) -> UInt32 {
    switch request {
    case .allocate(_, _, let timeout, _), .pin(_, _, let timeout, _), .migrate(_, _, let timeout):
      min(timeout, setting.core.maximumTimeoutMilliseconds)
    case .advise(_, .discard): .max
    default: 0
    }
  }

  private func free(_ position: Int) throws {
    guard let given = random.element(clients[position].given) else { return }
    clients[position].given.removeAll { $0.handle == given.handle }
    clients[position].held.removeAll { $0.handle == given.handle }
    for index in given.frames { clients[position].memory.frames[index].isLive = false }
    let id = clients[position].id
    try send(position, .free(given.handle))
    endOwnFastPins(id, given.handle)
  }

  private func discard(_ position: Int, _ range: HandleRange) throws {
    let frames = wholeFramesOf(position, range)
    let index = clients[position].given.firstIndex { $0.handle == range.handle }
    guard let index, !clients[position].isBusy(clients[position].given[index].frames) else {
      return
    }
    clients[position].given[index].discards += 1
    for frame in frames { clients[position].memory.frames[frame].mayBeZero = true }
    let id = clients[position].id
    try send(position, .advise(range, .discard))
    endOwnFastPins(id, range.handle)
  }

  private func someRange(_ position: Int) -> HandleRange? {
    guard let given = random.element(clients[position].given) else { return nil }
    let size = UInt64(given.frames.count) * setting.core.frameBytes
    let offset = random.next() % size
    return HandleRange(
      handle: given.handle, offsetBytes: offset, lengthBytes: random.next() % (size - offset) + 1)
  }

  /// The frames that a range touches, whole.
  private func rounded(_ range: HandleRange) -> HandleRange {
    let frameBytes = setting.core.frameBytes
    let first = range.offsetBytes / frameBytes * frameBytes
    let last = (range.offsetBytes + range.lengthBytes - 1) / frameBytes
    return HandleRange(
      handle: range.handle, offsetBytes: first, lengthBytes: (last + 1) * frameBytes - first)
  }

  private func whole(_ position: Int, _ handle: HandleID) -> HandleRange {
    let frames = clients[position].given.first { $0.handle == handle }?.frames ?? 0..<1
    return HandleRange(
      handle: handle, offsetBytes: 0,
      lengthBytes: UInt64(frames.count) * setting.core.frameBytes)
  }

  private func sendNonsense(_ position: Int) throws {
    let known = clients[position].given.first?.handle ?? HandleID(rawValue: 7)
    let unknown = HandleID(rawValue: random.next())
    let range = HandleRange(
      handle: random.once(in: 2) ? known : unknown, offsetBytes: random.next(),
      lengthBytes: random.next() % 3)
    switch random.below(9) {
    case 0: try send(position, .free(unknown))
    case 8: try send(position, .release(random.once(in: 2) ? known : unknown))
    case 1: try send(position, .unpin(PinID(rawValue: random.next() % 9)))
    case 2: try send(position, .pin(range, leaseMilliseconds: .max, timeoutMilliseconds: 1))
    case 3: try send(position, .migrate(range, to: .device, timeoutMilliseconds: .max))
    case 4: try send(position, .query(range))
    case 5:
      try send(
        position,
        .allocate(
          sizeBytes: random.next(), alignmentBytes: random.next(), timeoutMilliseconds: 5,
          priority: 0))
    case 6: try send(position, .hello(lowestVersion: 0, highestVersion: 9))
    default: try send(position, .statistics)
    }
  }

  // MARK: threads

  /// One thread of the client takes one step on its way to a frame.
  func runThread(_ position: Int) throws {
    guard !clients[position].isEnding else { return }
    let thread = random.below(clients[position].threads.count)
    switch clients[position].threads[thread].state {
    case .idle:
      guard !isQuiet, let given = random.element(clients[position].given), given.discards == 0
      else { return }
      clients[position].threads[thread].frame =
        random.once(in: 60)
        ? random.below(setting.core.arenaFrames) : random.element(Array(given.frames)) ?? 0
      clients[position].threads[thread].isWrite = random.once(in: 2)
      let frame = clients[position].threads[thread].frame
      guard
        !clients[position].given.contains(where: { $0.frames.contains(frame) && $0.discards > 0 })
      else { return }
      try access(position, thread)
    case .accessing: try access(position, thread)
    case .faulted, .waiting: break
    }
  }

  private func access(_ position: Int, _ thread: Int) throws {
    let frame = clients[position].threads[thread].frame
    let isWrite = clients[position].threads[thread].isWrite
    clients[position].threads[thread].state = .idle
    guard !clients[position].memory.frames[frame].isPoisoned else { return }
    switch clients[position].memory.frames[frame].mapping {
    case .readWrite where isWrite:
      lastVersion += 1
      try clients[position].memory.write(frame, lastVersion)
    case .readOnly where !isWrite, .readWrite: try clients[position].memory.read(frame)
    default:
      clients[position].threads[thread].state = .faulted
      clients[position].pager.faults.append(thread)
    }
  }

  // MARK: administrators

  func orderSomething() throws {
    guard !isQuiet else { return }
    let timeout = UInt32(random.below(20))
    let client = random.element(clients)
    let handle = client.flatMap { random.element($0.given)?.handle }
    let token = nextToken
    nextToken += 1
    orders.append((token, now.adding(milliseconds: timeout)))
    try event { core, effects in
      if random.once(in: 3), let client, let handle {
        core.migrate(
          token: token, session: client.id, handle: handle,
          to: random.once(in: 2) ? .host : .device, timeoutMilliseconds: timeout, now, &effects)
      } else {
        core.evict(
          token: token, session: random.once(in: 2) ? client?.id : nil,
          handle: random.once(in: 2) ? handle : nil, frames: random.below(8),
          timeoutMilliseconds: timeout, now, &effects)
      }
    }
  }
}
