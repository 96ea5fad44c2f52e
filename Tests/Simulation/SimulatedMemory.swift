// One session's memory as the kernel would hold it: what lies in the arena's file, in the host
// store, in the client's page tables, and in the table of places that survives the daemon. Instead
// of bytes each frame has a version: 0 reads as zero, every write makes a new one.
//
// The law: for each frame that the client may use, the table names one copy, which is there and
// holds the last write. It holds between any two steps, so the daemon may be killed at any of them.

import CoherentCore

struct SimulatedMemory {
  enum Mapping: UInt8 { case none, readOnly, readWrite }
  enum Named: UInt8 { case nothing, arena, store }

  struct Frame {
    var arena: Int?
    var store: Int?
    var mapping = Mapping.none
    /// Which memory the arena's copy lies in.
    var target = FillTarget.host
    var named = Named.nothing
    /// An allocation that the client was given and has not freed lies here.
    var isLive = false
    var lastWrite = 0
    /// It was discarded: from then on it holds the last write or zero.
    var mayBeZero = false
    var isPoisoned = false

    var contents: Int? {
      switch named {
      case .nothing: 0
      case .arena: arena
      case .store: store
      }
    }

    func holds(_ version: Int) -> Bool { version == lastWrite || (mayBeZero && version == 0) }
  }

  var frames: [Frame]

  init(frames count: Int) { frames = Array(repeating: Frame(), count: count) }

  func check() throws {
    for (index, frame) in frames.enumerated() {
      if frame.isLive {
        guard let contents = frame.contents else {
          throw LawBroken(description: "frame \(index): the table names a copy that is gone")
        }
        try law(frame.holds(contents), "frame \(index) holds \(contents), not the last write")
        try law(!frame.isPoisoned, "frame \(index) is in use and poisoned")
      }
      switch frame.mapping {
      case .none: break
      case .readOnly:
        guard let arena = frame.arena else {
          throw LawBroken(description: "frame \(index) is mapped, and nothing is there")
        }
        try law(!frame.isLive || frame.holds(arena), "frame \(index) is mapped with old contents")
      case .readWrite:
        try law(
          frame.arena != nil
            && (frame.named == .arena || !frame.isLive || frame.mayBeZero),
          "frame \(index) can be written to, but the arena is not its place")
      }
    }
  }

  /// A thread reads what is mapped.
  mutating func read(_ index: Int) throws {
    guard let version = frames[index].arena, frames[index].mapping != .none else {
      throw LawBroken(description: "frame \(index) is read through a mapping of nothing")
    }
    guard frames[index].isLive else { return }
    try law(
      frames[index].holds(version),
      "frame \(index): read \(version), the last write was \(frames[index].lastWrite)")
    frames[index].lastWrite = version
    frames[index].mayBeZero = false
  }

  mutating func write(_ index: Int, _ version: Int) throws {
    try law(frames[index].mapping == .readWrite, "frame \(index) is written to when mapped so")
    frames[index].arena = version
    frames[index].lastWrite = version
    frames[index].mayBeZero = false
  }
}
