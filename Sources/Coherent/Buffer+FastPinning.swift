// Pins without a message: the control word of an allocation counts them, as long as the daemon
// lends it out. All of this is inlined into the program that pins; whatever is not one
// compare-and-swap is a call. What may never happen: a word touched in a forked child, which does
// not have it, or after the session's end, when it promises nothing.

import CoherentShared
import CoherentWire
import Synchronization

// The types are `@usableFromInline` throughout: a call to what is not inlined costs as much as the
// compare-and-swap itself.

extension Buffer {
  /// Pins all of the buffer if that needs nobody's consent; nil if it has to be asked for.
  @inlinable @inline(__always)
  func pinFast(_ range: Range<Int>?, _ lease: Duration) -> ControlWord.Token? {
    if let range, range != 0..<count { return nil }
    // Relaxed: a buffer that is freed by another thread at this moment is that program's mistake,
    // and costs a pin that means nothing.
    guard lease.attoseconds <= session.defaultLeaseAttoseconds, !isFreed.load(ordering: .relaxed),
      session.isOpen.isUp,
      case .pinned(let token) = word.pin()
    else { return nil }
    return token
  }

  /// Ends a pin, however it was granted. Throws `leaseExpired` if its lease ran out before.
  @inlinable @inline(__always)
  func end(_ grant: PinGrant) throws(CoherentError) {
    if case .fast(let token) = grant {
      try endFast(token)
    } else {
      try endAsked(grant)
    }
  }

  @inlinable @inline(__always)
  func endFast(_ token: ControlWord.Token) throws(CoherentError) {
    guard session.isOpen.isUp else { return try session.endPinWithoutDaemon() }
    let outcome = word.unpin(token)
    if outcome != .unpinned { try settle(outcome) }
  }

  /// What follows from an end that was no plain one.
  @usableFromInline
  func settle(_ outcome: ControlWord.UnpinOutcome) throws(CoherentError) {
    switch outcome {
    case .unpinned: return
    case .lastUnderEviction:
      // The pin held to its end. If the daemon cannot be told, it finds out when the lease is over.
      _ = try? session.call(.release(handle))
    case .leaseExpired:
      if isFreed.load(ordering: .relaxed) { throw CoherentError(.invalidRange, .alreadyEnded) }
      throw CoherentError(.leaseExpired, .none)
    case .notPinned:
      throw CoherentError(.protocolViolation, .spoiltControlWord)
    }
  }

  /// Ends a pin that the daemon numbered. One round trip.
  @usableFromInline
  func endAsked(_ grant: PinGrant) throws(CoherentError) {
    switch grant {
    case .fast(let token): try endFast(token)
    case .own: return
    case .short(let pin, _), .longTerm(let pin, _):
      if session.ownMemory != nil { return }
      let reply: Reply
      do throws(CoherentError) {
        reply = try session.call(.unpin(PinID(rawValue: pin)))
      } catch {
        // The daemon forgets an expired pin when its number is used again. Nobody ends a pin twice
        // here, so one that it does not know had run out.
        let isForgotten = error.refusal.detail == .unknownPin && !isFreed.load(ordering: .relaxed)
        throw isForgotten ? CoherentError(.leaseExpired, .none) : error
      }
      guard case .unpinned = reply else { unreachableReply(reply) }
    }
  }
}
