// Frames that are there and cannot be mapped: the kernel has no memory for the client's page tables
// (its control group is full), or the client keeps changing its mappings. They are tried again
// after a pause, a line says so once, and after a bound the session ends: a thread of the client
// never waits for ever, and the pager never spins.

import CoherentSystem

extension Pager {
  /// How long nothing at all may be mappable.
  private static let boundNanoseconds: UInt64 = 30_000_000_000

  /// A fault at an offset was answered, or has to be answered again.
  func noteMapped(_ outcome: AddressRange.MapOutcome, at offset: UInt64) {
    switch outcome {
    case .later: return noteUnmapped()
    case .mapped: suspicion = max(suspicion - 1, 0)
    case .missing: suspect(offset)
    }
    unmappedSince = 0
  }

  private func noteUnmapped() {
    let now = Clock.monotonicNanoseconds()
    guard unmappedSince > 0 else {
      unmappedSince = now
      let process = session.peer.process
      performer.log.aboutClient(
        "unmapped", .warning,
        "session \(session.id.rawValue) (process \(process)): what it touches cannot be mapped "
          + "now: the kernel has no memory for its page tables (ENOMEM), or it keeps changing its "
          + "mappings; tried again")
      return
    }
    guard now > unmappedSince, now - unmappedSince > Self.boundNanoseconds else { return }
    unmappedSince = now
    performer.log.aboutClient(
      "unmapped-end", .warning,
      "session \(session.id.rawValue) (process \(session.peer.process)) is ended: nothing could be "
        + "mapped into it for 30 s")
    performer.mailbox.post(.disconnect(session, nil))
  }
}
