// The daemon stops: the client keeps its data in its own memory. Every evicted frame is brought
// back into the arena, then the kernel is told to serve the arena's faults from the file alone.
// From then on the client needs no daemon; what was never touched reads as zero, as it should.

import CoherentCore
import CoherentSystem
import CoherentWire

extension Pager {
  /// Tries for as long as the host lacks memory; the bound is the one that the daemon stops by.
  func surrenderMemory() {
    let id = session.id
    var limit = max(Int((2 << 20) / frameBytes), 1)
    while let order = performer.engine.look({ core, _ in core.surrenderNext(id, limit: limit) }) {
      guard bringBack(order) else {
        limit = 1  // one of them cannot be read: the others are found one by one
        continue
      }
      performer.engine.step(&effects) { core, now, effects in core.filled(id, order, now, &effects)
      }
      dropCopies(UInt64(order.first) * frameBytes, UInt64(order.count) * frameBytes)
      performer.perform(&effects, current: session)
      goesOn()
      surrenderedRun()
    }
    // Who is not registered any more may not be gone on with by another daemon.
    performer.keeper?.end(id)
    session.memory.table.noteSurrender()
    do throws(SystemError) {
      // Lifts every write protection and wakes every thread that waits.
      try range.unregister()
    } catch {
      performer.log.debug("session \(id.rawValue): its arena is not registered any more: \(error)")
    }
    hasSurrendered = true
  }

  /// Fills frames from their copies, for as long as it takes. False if a copy cannot be read; if it
  /// is that of a single frame, an access to it fails from now on.
  private func bringBack(_ order: FillOrder) -> Bool {
    let offset = UInt64(order.first) * frameBytes
    let length = UInt64(order.count) * frameBytes
    while true {
      do throws(SystemError) {
        try fill(offset, length, from: .store, order.target)
        return true
      } catch {
        goesOn()
        if error.isUnreadable {
          session.punch(offset, length, heartbeat)
          if order.count == 1 { poison(order) }
          return lose(order, error)
        }
        reportMissingMemory("cannot hand its data back: \(error)")
        Thread.yield()
      }
    }
  }
}
