// A world so small that every state it can reach is visited: two clients, three device frames, two
// handles. A value: each event makes a new world of an old one. What the shell does with memory is
// not looked at here (the seeded worlds do that), only what the core is told and what it answers.

import CoherentShared
import CoherentWire
import TestSupport

@testable import CoherentCore

struct SmallWorld {
  struct Client {
    var id: SessionID?
    var isEnding = false
    var hasCancelled = false
    var jobs: [Job] = []
    var fill: FillOrder?
    var stale: Range<Int>?
    var releasing: Range<Int>?
    var handles: [HandleID] = []
    var pins: [PinID] = []
    /// A fast pin, and since when; a client has one at most.
    var token: ControlWord.Token?
    var pinnedSince = Instant.never
    /// It ended its last pin under an eviction, and has not said so yet.
    var mustRelease = false
    /// The request that was not answered yet.
    var asked: Request?
  }

  /// Which events there are: more of them make more states.
  struct Alphabet: OptionSet, Sendable {
    let rawValue: Int
    static let failures = Alphabet(rawValue: 1)
    static let pins = Alphabet(rawValue: 2)
    static let migrations = Alphabet(rawValue: 4)
    static let advice = Alphabet(rawValue: 8)
    static let administration = Alphabet(rawValue: 16)
    static let ends = Alphabet(rawValue: 32)
    static let carving = Alphabet(rawValue: 64)
    static let words = Alphabet(rawValue: 128)
    static let longTermPins = Alphabet(rawValue: 256)
  }

  static let timeout: UInt32 = 100
  static let lease: UInt32 = 50

  let alphabet: Alphabet
  /// How many frames each client allocates, and how many the device has.
  let sizes: [Int]
  var core: Core
  var now = Instant(nanoseconds: 1_000_000_000)
  var clients: [Client]
  var carving: [CarvingWork] = []
  var hasOrder = false
  var board = WordBoard()

  init(_ alphabet: Alphabet, sizes: [Int], online: Int) {
    self.alphabet = alphabet
    self.sizes = sizes
    core = Core(Self.configuration(online: online, arena: sizes.max() ?? 1))
    clients = sizes.map { _ in Client() }
  }

  private static func configuration(online: Int, arena: Int) -> CoreConfiguration {
    var configuration = CoreConfiguration()
    configuration.onlineFrames = online
    configuration.arenaFrames = arena
    configuration.runFrames = 1
    // Room for what is given back beside what is asked for anew, but in the larger world: there
    // that makes more states than can be visited.
    configuration.hostLimitFrames = online == 1 ? 5 : 3
    configuration.defaultLeaseMilliseconds = 50
    configuration.maximumLeaseMilliseconds = timeout
    configuration.maximumTimeoutMilliseconds = timeout
    configuration.maximumSessions = 2
    return configuration
  }

  // MARK: effects

  mutating func perform(_ effects: [Effect]) throws {
    for effect in effects {
      switch effect {
      case .reply(let id, _, let reply):
        guard let index = clients.firstIndex(where: { $0.id == id }) else {
          throw LawBroken(description: "replies go to clients that are there")
        }
        try receive(index, reply)
      case .job(let job):
        guard let index = clients.firstIndex(where: { $0.id == job.session }),
          !clients[index].isEnding
        else { throw LawBroken(description: "jobs are for sessions that live") }
        clients[index].jobs.append(job)
      case .end(let id):
        guard let index = clients.firstIndex(where: { $0.id == id }) else {
          throw LawBroken(description: "who ends was there")
        }
        clients[index].isEnding = true
        clients[index].asked = nil
        clients[index].token = nil
      case .notify(_, .memoryUnaccounted):
        throw LawBroken(description: "what the kernel counts is not the core's to say")
      case .notify(let id, .leaseRevoked(_, nil, let pins)):
        guard let index = clients.firstIndex(where: { $0.id == id }), clients[index].token != nil
        else { throw LawBroken(description: "a fast pin that is revoked was held") }
        try law(pins == 1, "what is revoked is what was held: \(pins)")
        try law(
          clients[index].pinnedSince.adding(milliseconds: Self.lease) <= now,
          "no fast pin is revoked before its lease is over")
        clients[index].token = nil
      case .notify(let id, .leaseRevoked(_, let pin?, _)):
        guard let index = clients.firstIndex(where: { $0.id == id }),
          clients[index].pins.contains(pin)
        else { throw LawBroken(description: "a lease that runs out was held") }
        clients[index].pins.removeAll { $0 == pin }
      case .administrated:
        try law(hasOrder, "an order is answered once")
        hasOrder = false
      case .carve, .pressure, .blockChanged: break
      case .notify(_, .recovered):
        throw LawBroken(description: "that another daemon came is not the core's to say")
      }
    }
  }

  private mutating func receive(_ index: Int, _ reply: Reply) throws {
    if case .released = reply { return }
    guard let asked = clients[index].asked else {
      throw LawBroken(description: "a request is answered once")
    }
    clients[index].asked = nil
    switch (asked, reply) {
    case (.allocate, .allocated(let handle, _, _, _)): clients[index].handles.append(handle)
    case (.advise(_, .discard), .advised):
      guard let slot = clients[index].id.flatMap({ core.sessions.slot(of: $0) }),
        let frame = core.sessions[slot].arena.frame(0)
      else { return }
      try law(
        !frame.isResident && !frame.isPassing && !frame.flags.contains(.hasCopy),
        "what was discarded holds nothing any more: \(frame)")
    case (.pin, .pinned(let pin, _, _)): clients[index].pins.append(pin)
    case (.unpin(let pin), _): clients[index].pins.removeAll { $0 == pin }
    case (.free(let handle), .freed):
      clients[index].handles.removeAll { $0 == handle }
      clients[index].mustRelease = false
    default: break
    }
  }

  /// A fast pin holds, and what it covers is there, until its client hears otherwise.
  private func checkWords() throws {
    for client in clients where !client.isEnding {
      guard let id = client.id, let slot = core.sessions.slot(of: id) else { continue }
      try law(core.longTermFramesOutsideHost(id) == 0, "no long-term pin holds device memory")
      let allocations = core.sessions[slot].arena.allocations
      for index in 0..<allocations.endSlot where allocations.holds(slot: index) {
        let word = board[id, index]
        let isHeld = client.token != nil && client.handles.first.map(Self.word) == index
        try law(Int(word.count) == (isHeld ? 1 : 0), "a word counts the pins that are held")
        try law(
          word.isResident == (allocations[slot: index].word != .closed)
            && word.isEvicting == (allocations[slot: index].word == .closing),
          "the core knows what it has lent out")
        if isHeld {
          try law(
            allocations[slot: index].range.allSatisfy {
              core.sessions[slot].arena.frames[$0].isResident
            }, "what is pinned fast is there")
        }
        if allocations[slot: index].word == .closing {
          try law(core.nextDeadline != nil, "every wait for a word has a deadline")
        }
      }
    }
  }

  static func word(_ handle: HandleID) -> Int { Int(handle.rawValue & 0xffff_ffff) }

  /// What holds in every state, beside the core's own invariants.
  func check() throws {
    core.checkInvariants()
    try checkWords()
    for client in clients where client.asked != nil {
      if case .advise(_, .discard) = client.asked { continue }
      try law(core.nextDeadline != nil, "whoever waits has a deadline")
    }
    if hasOrder { try law(core.nextDeadline != nil, "an order that waits has a deadline") }
    if core.carvingBacklog == 0 && carving.isEmpty {
      for index in 0..<core.region.online {
        try law(
          !core.region[index].needsCarving,
          "no memory that is not as wanted is forgotten")
      }
    }
  }
}
