// What the core says that it did and who it says waits, against what was done and who waits.

import CoherentWire

@testable import CoherentCore

/// What a reader of the history has read, of one daemon.
struct HistoryReader {
  var last: UInt64 = 0
  var evictedBytes: UInt64 = 0
  var restoredBytes: UInt64 = 0
}

extension World {
  /// Reads on. Nothing is left out, and what moved is what the counters count.
  func readHistory() throws {
    while true {
      let (entries, dropped, last) = core.history(after: reader.last, limit: 100)
      try law(dropped == 0, "a reader that keeps up misses nothing")
      for entry in entries {
        try law(entry.number == reader.last + 1, "the history's numbers have no gaps")
        try law(entry.time <= now, "nothing is done before its time")
        try law(entry.origin.cause != .unknown, "everything is done for a reason: \(entry)")
        reader.last = entry.number
        if entry.kind == .evicted { reader.evictedBytes += entry.bytes }
        if entry.kind == .restored { reader.restoredBytes += entry.bytes }
      }
      if reader.last == last { break }
    }
    try law(
      reader.evictedBytes == core.bytes(Int(core.counters.evictedFrames)),
      "every eviction is in the history")
    try law(
      reader.restoredBytes == core.bytes(Int(core.counters.restoredFrames)),
      "every restore is in the history")
  }

  /// Whoever the core says waits for a frame does; the other way round is looked at in every step.
  func recountStalls() throws {
    for client in clients where !client.isEnding {
      guard let slot = core.sessions.slot(of: client.id) else { continue }
      for (index, frame) in core.sessions[slot].arena.frames.enumerated()
      where frame.flags.contains(.isFaulted) {
        try law(
          client.threads.contains {
            $0.frame == index && ($0.state == .waiting || $0.state == .faulted)
          }, "a thread waits for frame \(index)")
      }
    }
  }

  func checkRestOfStalls() throws {
    try law(core.stalls.stalledSessions == 0, "at rest nobody stalls")
    var copy = core
    let before = copy.pressure(now)
    let later = copy.pressure(now.adding(milliseconds: 1_000_000))
    try law(
      later.some.totalNanoseconds == before.some.totalNanoseconds
        && later.full.totalNanoseconds == before.full.totalNanoseconds,
      "at rest no stall goes on")
    try law(
      before.full.totalNanoseconds <= before.some.totalNanoseconds, "full is a part of some")
  }
}
