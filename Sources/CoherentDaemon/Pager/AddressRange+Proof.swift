// Whose pages lie at an address of a client: found out by calls on its page tables alone, which
// need no right to look into it. It changes nothing of what is there, but for pages of a file that
// is not the arena's.

import CoherentSystem

extension AddressRange {
  /// Whether a page of the range is one of the arena's file, at its place, and shared. `fill` gives
  /// that page of the file memory, `punch` takes it.
  func isArena(
    at offsetBytes: UInt64, fill: () throws(SystemError) -> Void,
    punch: () throws(SystemError) -> Void
  ) throws(SystemError) -> Bool {
    try punch()
    // Nothing is there to be mapped, unless it is another file's.
    guard try mapped(offsetBytes) == .notCached else { return false }
    try fill()
    // Now the arena's has a page, so that none can be made. Any other's has none, and one is made;
    // for a private mapping as well.
    let zeroed = try answered {
      fault.zero(
        address: baseAddress + offsetBytes, lengthBytes: UInt64(PageSize.bytes), wake: false)
    }
    guard zeroed == .exists else { return false }
    guard try mapped(offsetBytes) == .done else { return false }
    // With the arena's page its mapping goes; another's would stay.
    try punch()
    return try mapped(offsetBytes) == .notCached
  }

  private func mapped(_ offsetBytes: UInt64) throws(SystemError) -> PageOutcome {
    try answered {
      fault.continueRange(
        address: baseAddress + offsetBytes, lengthBytes: UInt64(PageSize.bytes), wake: false)
    }
  }

  /// What a call says of the page. A client that died meanwhile, and one that the kernel has no
  /// page tables for, have something right there as far as anybody knows: those are errors.
  private func answered(_ call: () -> PageOutcome) throws(SystemError) -> PageOutcome {
    var outcome = PageOutcome.again(doneBytes: 0)
    for _ in 0..<Self.attempts where outcome == .again(doneBytes: 0) {
      outcome = heartbeat.amongClient(call)
    }
    let context = "to see what the client mapped"
    switch outcome {
    case .gone:
      throw SystemError(operation: "UFFDIO_CONTINUE", code: Self.noProcess, context: context)
    case .failed(Self.noMemory):
      throw SystemError(operation: "UFFDIO_CONTINUE", code: Self.noMemory, context: context)
    default: return outcome
    }
  }
}
