// How much room in the host may be promised: what the administrator's limit says, and no more than
// there is memory for. Data that has left the device holds its memory already; what is left then
// bounds how much more may have to leave. A promise that was given is never taken back: memory that
// gets scarce only ends the giving of new ones, before the kernel ends the daemon.

import CoherentWire

extension Core {
  var promisableFrames: Int { min(configuration.hostLimitFrames, hostMemoryFrames) }

  /// So many frames' worth of memory are left, beside what is in the host already; of the machine,
  /// or of the daemon's control group. O(sessions).
  package mutating func noteHostMemory(leftFrames: Int, isGroups: Bool) -> HostPromise {
    invariant(leftFrames >= 0, "no less than nothing is left")
    var held = 0
    for slot in 0..<sessions.endSlot where sessions.holds(slot: slot) {
      held += sessions[slot].arena.places[.host] + sessions[slot].arena.places[.stored]
    }
    let (sum, overflows) = held.addingReportingOverflow(leftFrames)
    hostMemoryFrames = overflows ? .max : sum
    hostMemoryIsGroups = isGroups
    return HostPromise(
      promisableFrames: promisableFrames, reservedFrames: hostReservedFrames,
      isBoundByMemory: configuration.oversubscribe
        && hostMemoryFrames < configuration.hostLimitFrames)
  }

  /// The refusal of so many frames more.
  func hostIsFull(frames: Int) -> Refusal {
    let isMemory = promisableFrames < configuration.hostLimitFrames
    let detail: Refusal.Detail =
      isMemory ? (hostMemoryIsGroups ? .groupMemoryShort : .machineMemoryShort) : .none
    return Refusal(
      .outOfHostMemory, detail, asked: bytes(frames), available: bytes(hostRoomFrames),
      limit: bytes(promisableFrames))
  }
}
