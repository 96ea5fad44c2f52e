// What the library keeps to itself, found from outside as a hostile program would: in /proc/self.

import CoherentSystem

enum OwnProcess {
  /// Where the arena is mapped: proc(5), /proc/PID/maps.
  static func arenaRange() throws -> Range<UInt> {
    let maps = try SmallFile.read(path: "/proc/self/maps", maximumBytes: 4 << 20)
    var range: Range<UInt>?
    for line in String(decoding: maps, as: UTF8.self).split(separator: "\n")
    where line.contains("memfd:coherent-s") {
      let bounds = line.prefix { $0 != " " }.split(separator: "-").compactMap {
        UInt($0, radix: 16)
      }
      guard bounds.count == 2 else { continue }
      range = min(range?.lowerBound ?? bounds[0], bounds[0])..<bounds[1]
    }
    guard let range else { throw Misuse("no arena is mapped") }
    return range
  }

  static func userfaultNumber() throws -> CInt {
    for name in try Directory.names(path: "/proc/self/fd") {
      if SymbolicLink.target(path: "/proc/self/fd/\(name)") == "anon_inode:[userfaultfd]" {
        return CInt(name)!
      }
    }
    throw Misuse("no userfaultfd is open")
  }
}
