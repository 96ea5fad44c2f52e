// What tests of fast pins say to a core: lend an allocation out, pin it without asking, order an
// eviction. The words are real, the memory is not there.

import CoherentShared
import CoherentWire

@testable import CoherentCore

extension CoreHarness {
  /// The word of an allocation: the slot that its handle names.
  static func word(_ handle: HandleID) -> Int { Int(handle.rawValue & 0xffff_ffff) }

  /// An allocation that is resident, and lent out since its first pin, which has ended.
  mutating func lent(_ frames: Int, from id: SessionID? = nil) throws -> HandleID {
    guard let handle = allocate(frames, from: id) else { throw NotGranted() }
    let id = id ?? client
    guard let slot = core.sessions.slot(of: id) else { throw NotGranted() }
    for index in core.sessions[slot].arena.allocations[slot: Self.word(handle)].range {
      touch(index, from: id)
    }
    try pinOnce(handle, frames, from: id)
    return handle
  }

  /// Pins all of an allocation by a request and lets it go again: its word is open afterwards.
  mutating func pinOnce(_ handle: HandleID, _ frames: Int, from id: SessionID? = nil) throws {
    let pin = try pinned(handle, 0..<frames, from: id)
    guard ask(.unpin(pin), from: id) == .unpinned else { throw NotGranted() }
  }

  /// A pin that is granted at once.
  mutating func pinned(
    _ handle: HandleID, _ frames: Range<Int>, lease: UInt32 = 50, from id: SessionID? = nil
  ) throws -> PinID {
    let request = Request.pin(
      Self.range(handle, frames), leaseMilliseconds: lease, timeoutMilliseconds: 0)
    guard case .pinned(let pin, _, _) = ask(request, from: id) else { throw NotGranted() }
    return pin
  }

  /// A fast pin, which must succeed.
  mutating func fastPin(_ handle: HandleID, from id: SessionID? = nil) throws -> ControlWord.Token {
    guard let token = board.pin(id ?? client, Self.word(handle)) else { throw NotGranted() }
    return token
  }

  func canPinFast(_ handle: HandleID, from id: SessionID? = nil) -> Bool {
    var board = board
    return board.pin(id ?? client, Self.word(handle)) != nil
  }

  mutating func fastUnpin(
    _ handle: HandleID, _ token: ControlWord.Token, from id: SessionID? = nil
  ) -> ControlWord.UnpinOutcome {
    board.unpin(id ?? client, Self.word(handle), token)
  }

  func wordState(_ handle: HandleID, from id: SessionID? = nil) -> WordState? {
    guard let slot = core.sessions.slot(of: id ?? client) else { return nil }
    let allocations = core.sessions[slot].arena.allocations
    return allocations.slot(of: handle.rawValue).map { allocations[slot: $0].word }
  }

  /// An administrator's order to evict, as the engine gives it.
  mutating func order(
    _ frames: Int, of handle: HandleID? = nil, from id: SessionID? = nil, timeout: UInt32 = 1000
  ) {
    effects = []
    core.evict(
      token: 1, session: id ?? (handle == nil ? nil : client), handle: handle, frames: frames,
      timeoutMilliseconds: timeout, now, &effects)
    collectJobs()
  }

  /// What the order given last was answered, if it is among the effects.
  var orderAnswer: AdministrationAnswer? {
    for case .administrated(1, let answer) in effects { return answer }
    return nil
  }

  /// The pins that a client was told have been revoked by their word.
  var revokedFastPins: [UInt32] {
    effects.compactMap {
      if case .notify(_, .leaseRevoked(_, nil, let pins)) = $0 { pins } else { nil }
    }
  }
}

extension Optional where Wrapped == Reply {
  var refusal: Refusal? {
    if case .refused(let refusal) = self { return refusal }
    return nil
  }

  var isPinned: Bool {
    if case .pinned = self { return true }
    return false
  }
}
