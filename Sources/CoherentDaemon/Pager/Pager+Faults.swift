// Answering a fault: decide, fill, commit, map. The order is what makes it safe: the frame's new
// place is committed after its bytes are complete and before any thread can write to them.

import CoherentCore
import CoherentSystem
import CoherentWire

extension Pager {
  func answer(_ fault: Fault) {
    // A client may register more than its arena, and move or lengthen what is registered.
    guard fault.address >= range.baseAddress,
      fault.address - range.baseAddress < range.lengthBytes
    else { return range.poison(address: fault.address, UInt64(PageSize.bytes)) }
    let offset = fault.address - range.baseAddress
    let index = Int(offset / frameBytes)
    let id = session.id
    let decision = performer.engine.step(&effects) { core, now, effects in
      core.fault(
        id, frame: index, isWrite: fault.isWrite, isWriteProtect: fault.isWriteProtect, now,
        &effects)
    }
    let frameOffset = UInt64(index) * frameBytes
    switch decision {
    case .fill(let order):
      if !fill(order, for: offset) { tryLater(fault) }
    case .map(let writeProtected, let unprotects, let target):
      let isOpen = !unprotects || range.protect(frameOffset, frameBytes, on: false)
      var outcome: AddressRange.MapOutcome = isOpen ? .mapped : .later
      if !fault.isWriteProtect {
        outcome = map(offset, isMissing: !fault.isMinor, target, writeProtected)
      }
      noteMapped(outcome, at: offset)
      if outcome == .later { tryLater(fault) }
    case .wait:
      break
    case .poison:
      performer.log.aboutClient(
        "poison", .notice,
        "session \(id.rawValue) (process \(session.peer.process)) accessed its arena where "
          + "nothing is allocated, at offset \(offset)")
      range.poison(offset)
    case .lost:
      range.poison(offset)
    }
    if !effects.isEmpty { performer.perform(&effects, current: session) }
  }

  private func tryLater(_ fault: Fault) {
    retries.add(fault, at: Clock.monotonicNanoseconds())
  }

  /// False if the frame is not there yet: the thread goes on waiting, and the fault is tried again.
  private func fill(_ wanted: FillOrder, for faultOffset: UInt64) -> Bool {
    let order = carriedOut(wanted)
    let offset = UInt64(order.first) * frameBytes
    let length = UInt64(order.count) * frameBytes
    let id = session.id
    KillPoint.reached(.beforeFill)
    do throws(SystemError) {
      try fill(offset, length, from: order.source, order.target)
    } catch {
      session.punch(offset, length, heartbeat)
      if error.isUnreadable { return lose(order, error) }
      reportMissingMemory("cannot bring frames back: \(error)")
      performer.engine.step(&effects) { core, now, effects in
        core.fillFailed(id, order, now, &effects)
      }
      return false
    }
    KillPoint.reached(.afterFillCopy)
    performer.engine.step(&effects) { core, now, effects in core.filled(id, order, now, &effects) }
    KillPoint.reached(.afterFill)
    var outcome = range.map(offset, length, writeProtected: order.writeProtected)
    if outcome == .missing {
      // Somewhere in the run; what counts is the page that is waited for.
      outcome = range.map(
        faultOffset, UInt64(PageSize.bytes), writeProtected: order.writeProtected)
    }
    noteMapped(outcome, at: faultOffset)
    return outcome != .later
  }

  /// The order as this kernel can carry it out. What it cannot map write-protected is mapped for
  /// writing, and its copy is not kept: a write to it would not be seen.
  private func carriedOut(_ order: FillOrder) -> FillOrder {
    guard order.writeProtected else { return order }
    if mapsWriteProtected == nil {
      mapsWriteProtected = range.canMapWriteProtected(UInt64(order.first) * frameBytes)
    }
    var order = order
    order.writeProtected = mapsWriteProtected ?? false
    return order
  }

  /// One page of a resident frame is mapped again: mostly another thread's fault was answered a
  /// moment ago. What the client took out of its own file reads as zero, as it asked for.
  private func map(
    _ offset: UInt64, isMissing: Bool, _ target: FillTarget, _ writeProtected: Bool
  ) -> AddressRange.MapOutcome {
    let page = UInt64(PageSize.bytes)
    if isMissing {
      do throws(SystemError) {
        try fill(offset, page, from: .zero, target)
      } catch {
        reportMissingMemory("cannot give a page that its client took out: \(error)")
        return .later
      }
    }
    return range.map(offset, page, writeProtected: writeProtected)
  }
}
