// What the daemon writes. A record by whoever holds the core's lock; the place of a frame too, but
// while the frame is on its way its pager alone, so that no byte has two writers.

import CoherentSystem
import Synchronization

extension SessionTable {
  /// Frames came to rest.
  package func note(_ frames: Range<Int>, _ frame: TableFrame) {
    invariant(frames.upperBound <= layout.frames, "a frame lies within its arena")
    for index in frames {
      // Releasing: the bytes are where this says before it says so, also to a client that reads
      // them after its daemon died.
      places[index].store(frame.rawValue, ordering: .releasing)
    }
  }

  /// The copies of frames that are being evicted are complete: from now on those are the valid
  /// ones. To be called before the arena's are punched.
  package func noteStored(_ frames: Range<Int>) {
    invariant(frames.upperBound <= layout.frames, "a frame lies within its arena")
    for index in frames {
      // Relaxed: written by this thread, or by one that handed the frame over under a lock.
      let before = TableFrame(rawValue: places[index].load(ordering: .relaxed))
      // Releasing: as above.
      places[index].store(TableFrame.stored.kept(as: before).rawValue, ordering: .releasing)
    }
  }

  /// The daemon ends the session, and gives back what is in it: a client that reads this does not
  /// serve itself. To be called before the connection is closed. Of a session that was surrendered
  /// it changes nothing.
  package func noteEnd() { leave(.ended) }

  /// Everything is in the arena, and the daemon is about to leave it to its client: from now on the
  /// places are not kept, and mean nothing.
  package func noteSurrender() { leave(.surrendered) }

  private func leave(_ standing: TableStanding) {
    // Releasing: the client finds the connection closed, or its arena its own, after this.
    _ = standingWord.pointee.compareExchange(
      expected: TableStanding.live.rawValue, desired: standing.rawValue, ordering: .releasing)
  }

  package func note(allocation slot: Int, _ record: TableAllocation) {
    allocations.write(slot: slot, record.head, body: record.body)
  }

  package func note(pin slot: Int, _ record: TablePin) {
    pins.write(slot: slot, record.head, body: record.body)
  }
}
