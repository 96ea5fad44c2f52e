// What the library keeps to itself, found from outside as a hostile program would: in /proc/self.

import CoherentSystem
import Glibc

enum OwnProcess {
  /// Where the arena is mapped, whole or what is left of it: proc(5), /proc/PID/maps.
  static func arenaRange() throws -> Range<UInt> {
    let all = try sessionMappings()
    guard let first = all.min(by: { $0.offset < $1.offset }), first.offset < controlOffset(all)
    else { throw Misuse("no arena is mapped") }
    // All parts of one mapping are as far from their place in the file.
    let parts = all.filter {
      $0.range.lowerBound &- $0.offset == first.range.lowerBound &- first.offset
    }
    return first.range.lowerBound..<parts.map(\.range.upperBound).max()!
  }

  /// Where the control memory is mapped.
  static func controlRange() throws -> Range<UInt> {
    let all = try sessionMappings()
    guard let last = all.first(where: { $0.offset == controlOffset(all) }) else {
      throw Misuse("no control memory is mapped")
    }
    return last.range
  }

  /// The control memory comes last in the file.
  private static func controlOffset(_ mappings: [(range: Range<UInt>, offset: UInt)]) -> UInt {
    mappings.map(\.offset).max() ?? 0
  }

  private static func sessionMappings() throws -> [(range: Range<UInt>, offset: UInt)] {
    let maps = try SmallFile.read(path: "/proc/self/maps", maximumBytes: 4 << 20)
    return String(decoding: maps, as: UTF8.self).split(separator: "\n").compactMap { line in
      let words = line.split(separator: " ")
      guard line.contains("memfd:coherent-s"), words.count > 2,
        let offset = UInt(words[2], radix: 16)
      else { return nil }
      let bounds = words[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
      return bounds.count == 2 ? (bounds[0]..<bounds[1], offset) : nil
    }
  }

  /// The memory file, and a place at the end of its arena that no small allocation reaches.
  static func memoryFile() throws -> (number: CInt, unusedOffset: off_t) {
    for name in try Directory.names(path: "/proc/self/fd") {
      let target = SymbolicLink.target(path: "/proc/self/fd/\(name)") ?? ""
      guard target.hasPrefix("/memfd:coherent-s") else { continue }
      return (CInt(name)!, off_t(try arenaRange().count - (1 << 20)))
    }
    throw Misuse("no memory file is open")
  }

  static func userfaultNumber() throws -> CInt {
    try number { $0 == "anon_inode:[userfaultfd]" }
  }

  /// The descriptor of the session's memory file.
  static func memoryFileNumber() throws -> CInt {
    try number { $0.hasPrefix("/memfd:coherent-s") }
  }

  private static func number(_ isWanted: (String) -> Bool) throws -> CInt {
    for name in try Directory.names(path: "/proc/self/fd") {
      if let target = SymbolicLink.target(path: "/proc/self/fd/\(name)"), isWanted(target) {
        return CInt(name)!
      }
    }
    throw Misuse("no such descriptor is open")
  }
}
