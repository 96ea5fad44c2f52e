// The simulated world: the production core, its clients, pagers and carver, and a clock that only
// the simulator moves. Every step lets one of them do one thing, chosen by the seed; then the laws
// are checked. Nothing here decides what the core decides.

import CoherentWire
import TestSupport

@testable import CoherentCore

final class World {
  private(set) var setting: Setting
  var random: SeededGenerator
  var board = WordBoard()
  var ledger = LedgerBoard()
  var core: Core
  var now = Instant(nanoseconds: 1_000_000_000)
  var clients: [SimulatedClient] = []
  var carver: SimulatedCarver
  var plug = SimulatedPlug()
  /// Administrators' orders that were not answered yet, with their bounds.
  var orders: [(token: UInt64, deadline: Instant)] = []
  var nextToken: UInt64 = 1
  var lastTick = Instant(nanoseconds: 0)
  var lastVersion = 0
  var isUnderPressure = false
  /// Nobody asks for anything new and nothing fails, so that what is under way comes to its end.
  var isQuiet = false
  var answers = 0
  var crashes = 0
  /// The highest number of a session that was attached: what the ledger would know.
  var lastSession: UInt32 = 0
  var tally = Tally()
  var reader = HistoryReader()
  private(set) var steps = 0

  init(_ setting: Setting, seed: UInt64) {
    self.setting = setting
    random = SeededGenerator(seed: seed)
    self.setting.core.keepsLedger = true
    core = Core(self.setting.core)
    let blockFrames = setting.core.blockFrames ?? setting.core.onlineFrames
    carver = SimulatedCarver(
      frames: blockFrames * setting.core.maximumBlocks, filled: setting.core.onlineFrames)
    for block in 0..<setting.core.onlineFrames / blockFrames {
      ledger.place(block, BlockRecord(state: .online, kind: .unbound))
    }
  }

  /// Gives the core an event and carries out what it answers at once.
  func event<Result>(_ body: (inout Core, inout [Effect]) throws -> Result) throws -> Result {
    var effects: [Effect] = []
    let result = try body(&core, &effects)
    board.work(for: &core, now, &effects)
    ledger.note(from: &core)
    for effect in effects { try perform(effect) }
    return result
  }

  var fails: Bool {
    setting.failsOnceIn > 0 && !isQuiet && random.once(in: setting.failsOnceIn)
  }

  func position(of id: SessionID) -> Int? { clients.firstIndex { $0.id == id } }

  // MARK: steps

  func step() throws {
    steps += 1
    now = Instant(nanoseconds: now.nanoseconds + 1 + random.next() % 20_000)
    try passTime()
    let choice = random.below(100)
    if setting.crashesOnceIn > 0, !isQuiet, random.once(in: setting.crashesOnceIn) {
      try crash()
    } else if choice < 2 {
      try comeOrGo()
    } else if choice < 4 {
      try orderSomething()
    } else if choice < 10 {
      try carve()
    } else if setting.core.maximumBlocks > 1, random.once(in: 16) {
      try plugSomething()
    } else if let position = clients.indices.randomElement(using: &random) {
      if choice < 24 {
        try ask(position)
      } else if choice < 36 {
        try useWords(position)
      } else if choice < 56 {
        try runThread(position)
      } else {
        try runPager(position)
      }
      if position < clients.count { try clients[position].memory.check() }
    }
    try checkCheapLaws()
    if random.once(in: 50) { try readHistory() }
    if steps % setting.recountsEvery == 0 { try recount() }
  }

  /// Now and then time jumps; the core is ticked when it wants to be, mostly a little late.
  private func passTime() throws {
    if random.once(in: 200) {
      now = Instant(nanoseconds: now.nanoseconds + random.next() % 30_000_000)
    }
    if let due = core.nextDeadline, due <= now,
      due.adding(milliseconds: 3) < now || random.once(in: 3)
    {
      try tick()
    } else if lastTick.adding(milliseconds: 1000) < now {
      try tick()
    }
  }

  func tick() throws {
    lastTick = now
    try event { core, effects in core.tick(now, &effects) }
    try checkBlockBounds()
    if let next = core.nextDeadline {
      try law(next > now, "after a tick nothing is due any more")
    }
    for client in clients where !client.isEnding {
      for asked in client.asked {
        try law(asked.deadline > now, "a wait ended by its deadline: \(asked)")
      }
      guard let slot = core.sessions.slot(of: client.id) else { continue }
      let pins = core.sessions[slot].pins
      for pin in 0..<pins.endSlot where pins.holds(slot: pin) {
        try law(pins[slot: pin].deadline > now, "a lease ended by its deadline")
      }
    }
    for order in orders {
      try law(order.deadline > now, "an administrator's wait ended by its deadline")
    }
  }

  // MARK: coming and going

  private func comeOrGo() throws {
    guard !isQuiet else { return }
    let unattached = clients.indices.filter { !clients[$0].isAttached && !clients[$0].isEnding }
    if let position = unattached.first {
      clients[position].isAttached = true
      lastSession = max(lastSession, clients[position].id.rawValue)
      try event { core, _ in core.attached(clients[position].id) }
    } else if clients.count < setting.clients {
      try connect()
    } else if random.once(in: 4), let position = clients.indices.randomElement(using: &random) {
      try disconnect(position)
    }
  }

  func connect() throws {
    let process = UInt32(clients.count + 100)
    let user = UserID(rawValue: process % 2)
    switch try event({ core, _ in core.connect(process: process, user: user, now) }) {
    case .success(let id):
      try law(position(of: id) == nil, "a session's number is new")
      clients.append(
        SimulatedClient(
          id: id, user: user, frames: setting.core.arenaFrames, threads: setting.threadsPerClient,
          isHostile: setting.hasHostileClients && random.once(in: 2)))
    case .failure(let refusal):
      let isFull =
        refusal.detail == .tooManySessions && core.sessions.count >= setting.core.maximumSessions
      let isShareFull =
        refusal.detail == .shareOfSessions && refusal.user == user.rawValue
        && core.users[user][.sessions] >= core.share(of: .sessions).most
      try law(isFull || isShareFull, "a connection is refused only at the limit, or at a share")
    }
  }

  func disconnect(_ position: Int) throws {
    let id = clients[position].id
    try event { core, effects in core.disconnect(id, now, &effects) }
    try law(clients[position].isEnding, "a connection that is over ends its session")
  }

  // MARK: carving

  func carve() throws {
    if carver.works.isEmpty {
      guard carver.isAwake else { return }
      carver.works = try event { core, _ in core.takeCarvingWork(limit: random.below(6) + 1) }
      if carver.works.isEmpty { carver.isAwake = false }
      return
    }
    let work = carver.works.removeFirst()
    let succeeded = !fails
    if succeeded {
      for frame in work.first..<work.end {
        try law(carver.isFilled[frame] != work.fills, "memory is carved once")
        carver.isFilled[frame] = work.fills
      }
    }
    try event { core, effects in
      core.carved(work, succeeded: succeeded, now, &effects)
    }
  }
}
