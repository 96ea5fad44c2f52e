// The daemon is gone, and its client takes its memory back: what was evicted is copied from the
// host store into the arena, then the kernel serves the arena from its file alone. Done by the
// guardian, which never reads or writes the arena's own mapping: the kernel copies from the file
// into a window on it, since a write to the file would meet the program's limit of file sizes
// (ulimit -f, RLIMIT_FSIZE), and a limit of sizes is no reason to lose data.
//
// What may never happen: an access that finds zeros where something was. A frame that cannot be
// brought back is lost, and an access to it fails.

import CoherentShared
import CoherentSystem

struct ArenaRestoration: ~Copyable {
  /// What becomes of a frame's place in the arena.
  private enum Work: UInt8 {
    /// Nothing is in it that anybody may see.
    case dead
    /// It holds the bytes.
    case present
    /// The host store holds them.
    case stored
    /// No copy of them can be made.
    case lost
  }

  private let arena: Arena
  private let bell: Bell
  private let window: Mapping
  private var frames: [Work]
  private var faults: [Fault]

  private static let windowBytes = 2 << 20
  /// How often a frame is tried that the host has no memory for, and how long between.
  private static let attempts = 20
  private static let pauseMilliseconds: Int32 = 50

  /// Where copies are made. Kept while there is a daemon, so that it is not missing when there is
  /// none; it costs address space and nothing else.
  static func window(for arena: Arena) throws(SystemError) -> Mapping {
    try Mapping(reservedBytes: max(windowBytes, arena.frameBytes))
  }

  init(_ arena: Arena, bell: Bell, window: consuming Mapping) {
    self.arena = arena
    self.bell = bell
    self.window = window
    frames = Array(repeating: .dead, count: arena.sizeBytes / arena.frameBytes)
    faults = Array(
      repeating: Fault(address: 0, isWrite: false, isWriteProtect: false, isMinor: false),
      count: Userfault.maximumFaultsPerRead)
  }

  /// Takes back what the table says there is. Whoever waits goes on, the sooner the longer its
  /// thread waits already. Leaves early when the bell rings: then nobody needs the arena any more.
  mutating func perform(_ contents: SessionTableContents) throws(TableFault) {
    try plan(contents)
    punchDead()
    // What the daemon had read before it died is not told again to anybody else.
    arena.wake()
    var attempts = Self.attempts
    while !restoreStored(), !bell.isRung() {
      attempts -= 1
      if attempts == 0 { giveUp() } else { _ = bell.isRung(within: Self.pauseMilliseconds) }
    }
    guard !bell.isRung() else { return }
    release()
    // The host store is of no use any more. What cannot be given back costs memory, nothing else.
    try? arena.file.punch(
      offsetBytes: UInt64(arena.sizeBytes), lengthBytes: UInt64(arena.sizeBytes))
    arena.custody.store(.process, ordering: .releasing)
  }

  /// The daemon has brought everything back, and perhaps died before it could say so to the kernel.
  /// The program may have gone on: the places mean nothing any more.
  func performAfterSurrender() {
    arena.wake()
    release()
    arena.custody.store(.process, ordering: .releasing)
  }

  /// Without a table: what the arena's file has is as it was, since no page of it is ever there
  /// before it is right; what it has not may be anything, and is lost.
  mutating func performWithoutTable() {
    frames = Array(repeating: .present, count: frames.count)
    let size = UInt64(arena.sizeBytes)
    guard let ranges = try? arena.file.dataRanges(to: size) else { return loseEverything() }
    var end: UInt64 = 0
    for range in ranges + [size..<size] {
      if range.lowerBound > end, !lose(Int(end), Int(range.lowerBound - end)) {
        return loseEverything()
      }
      end = range.upperBound
    }
    release()
    arena.custody.store(.process, ordering: .releasing)
  }

  // MARK: Steps

  private mutating func plan(_ contents: SessionTableContents) throws(TableFault) {
    for (slot, allocation) in contents.allocations.enumerated() where allocation.state == .live {
      guard allocation.range.upperBound <= frames.count else { throw .badAllocation(slot: slot) }
      for frame in allocation.range {
        switch contents.frames[frame].place {
        case .device, .host: frames[frame] = .present
        case .stored: frames[frame] = .stored
        default: break
        }
      }
    }
  }

  /// What no allocation has, and what its allocation has as zeros, may still hold what was there
  /// before: the daemon died before it was punched.
  private func punchDead() {
    forEachRun(of: .dead) { offset, length in
      try? arena.file.punch(offsetBytes: UInt64(offset), lengthBytes: UInt64(length))
    }
  }

  /// Copies what is stored, as much at once as the buffer holds. False if something is left.
  private mutating func restoreStored() -> Bool {
    let framesPerRun = window.lengthBytes / arena.frameBytes
    var isComplete = true
    var next = 0
    while let first = frames[next...].firstIndex(of: .stored) {
      if bell.isRung() { return false }
      serveFaults()
      var end = first
      while end < frames.count, end - first < framesPerRun, frames[end] == .stored { end += 1 }
      if end > first, !restore(first..<end) {
        // One by one, so that no more is left than has to be.
        for frame in first..<end where !restore(frame..<frame + 1) { isComplete = false }
      }
      next = max(end, first + 1)
    }
    serveFaults()
    return isComplete
  }

  /// Copies a run of stored frames; false if the host has no memory for it, or it cannot be read.
  /// Whoever faults on a page meanwhile is told to nobody but this thread, and goes on when the
  /// frame is whole.
  private mutating func restore(_ run: Range<Int>) -> Bool {
    let offset = UInt64(run.lowerBound * arena.frameBytes)
    let length = run.count * arena.frameBytes
    let storeOffset = UInt64(arena.sizeBytes) + offset
    do throws(SystemError) {
      let part = try window.place(arena.file, offsetBytes: offset, lengthBytes: length)
      // In the kernel a page that cannot be had is an error, here it would be a signal.
      try arena.file.read(into: part, offsetBytes: storeOffset)
    } catch {
      return false
    }
    for frame in run { frames[frame] = .present }
    // Its copy is given back at once, so that no memory is needed beyond what there is.
    try? arena.file.punch(offsetBytes: storeOffset, lengthBytes: UInt64(length))
    return true
  }

  /// Frames that threads wait for come before all others.
  private mutating func serveFaults() {
    while true {
      let outcome = faults.withUnsafeMutableBufferPointer { arena.readFaults(into: $0) }
      guard case .faults(let count, _) = outcome else { return }
      for index in 0..<count {
        let address = faults[index].address
        guard address >= arena.baseAddress, address - arena.baseAddress < UInt64(arena.sizeBytes)
        else { continue }
        serve(Int(address - arena.baseAddress) / arena.frameBytes)
      }
    }
  }

  private mutating func serve(_ frame: Int) {
    if frames[frame] == .stored, !restore(frame..<frame + 1) { return }
    guard frames[frame] != .lost else { return }
    // The range is registered no more, in pieces until all of it is. Where the kernel allows no
    // more pieces, the thread waits for the end.
    try? arena.unregister(
      offsetBytes: frame * arena.frameBytes, lengthBytes: arena.frameBytes)
  }

  /// What is stored still is lost.
  private mutating func giveUp() {
    var runs: [(Int, Int)] = []
    forEachRun(of: .stored) { offset, length in runs.append((offset, length)) }
    for (offset, length) in runs {
      guard lose(offset, length) else { return loseEverything() }
      for frame in offset / arena.frameBytes..<(offset + length) / arena.frameBytes {
        frames[frame] = .lost
      }
    }
  }

  private func lose(_ offsetBytes: Int, _ lengthBytes: Int) -> Bool {
    (try? arena.lose(offsetBytes: offsetBytes, lengthBytes: lengthBytes)) != nil
  }

  /// Where not even single ranges can be told apart (the kernel's limit of mappings): all is lost.
  private mutating func loseEverything() {
    frames = Array(repeating: .lost, count: frames.count)
    arena.loseAll()
  }

  /// Ends the registration of everything; again where the kernel says so.
  private func release() {
    for _ in 0..<Self.attempts where !bell.isRung() {
      do throws(SystemError) {
        return try arena.unregister(offsetBytes: 0, lengthBytes: arena.sizeBytes)
      } catch {
        if error.isInvalidArgument { return }  // it was never registered
      }
      _ = bell.isRung(within: Self.pauseMilliseconds)
    }
  }

  private func forEachRun(of work: Work, _ body: (_ offset: Int, _ length: Int) -> Void) {
    var first = 0
    while first < frames.count {
      guard frames[first] == work else {
        first += 1
        continue
      }
      var end = first
      while end < frames.count, frames[end] == work { end += 1 }
      body(first * arena.frameBytes, (end - first) * arena.frameBytes)
      first = end
    }
  }
}
