// What a client can have at an address instead of its arena.

import CoherentSystem
import Glibc

enum WrongMapping: String, CaseIterable {
  case anonymousPrivate, anonymousShared, privateOfTheFile, otherFile, otherFileFullOfPages
  case otherOffset, shorter, readOnly, hole, nothing, vdso

  /// Maps it, as long as the arena where that makes sense; where it lies. It stays mapped.
  func make(file: CInt, arenaBytes: Int) throws -> UInt64 {
    let both = PROT_READ | PROT_WRITE
    switch self {
    case .anonymousPrivate: return try map(arenaBytes, both, MAP_PRIVATE | MAP_ANONYMOUS)
    case .anonymousShared: return try map(arenaBytes, both, MAP_SHARED | MAP_ANONYMOUS)
    case .privateOfTheFile: return try map(arenaBytes, both, MAP_PRIVATE, file)
    case .otherFile, .otherFileFullOfPages:
      let other = try MemoryFile(name: "other", sizeBytes: UInt64(arenaBytes))
      if self == .otherFileFullOfPages {
        let page = UInt64(PageSize.bytes)
        for offset in [0, UInt64(arenaBytes) - page] {
          try other.fill(offsetBytes: offset, lengthBytes: page)
        }
      }
      return try map(arenaBytes, both, MAP_SHARED, other.raw)
    case .otherOffset: return try map(arenaBytes, both, MAP_SHARED, file, arenaBytes)
    case .shorter:
      let address = try map(arenaBytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS)
      munmap(UnsafeMutableRawPointer(bitPattern: UInt(address)), arenaBytes)
      let fixed = MAP_SHARED | MAP_FIXED_NOREPLACE
      return try map(arenaBytes / 2, both, fixed, file, at: address)
    case .readOnly: return try map(arenaBytes, PROT_READ, MAP_SHARED, file)
    case .hole:
      let address = try map(arenaBytes, both, MAP_SHARED, file)
      munmap(UnsafeMutableRawPointer(bitPattern: UInt(address)), PageSize.bytes)
      return address
    case .nothing:
      let address = try map(arenaBytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS)
      munmap(UnsafeMutableRawPointer(bitPattern: UInt(address)), arenaBytes)
      return address
    case .vdso:
      let maps = try SmallFile.read(path: "/proc/self/maps", maximumBytes: 4 << 20)
      for line in String(decoding: maps, as: UTF8.self).split(separator: "\n")
      where line.hasSuffix("[vdso]") {
        return UInt64(line.prefix { $0 != "-" }, radix: 16)!
      }
      throw TestFailure("there is no vdso")
    }
  }

  private func map(
    _ bytes: Int, _ protection: CInt, _ flags: CInt, _ file: CInt = -1, _ offset: Int = 0,
    at address: UInt64 = 0
  ) throws -> UInt64 {
    let hint = UnsafeMutableRawPointer(bitPattern: UInt(address))
    let result = mmap(hint, bytes, protection, flags | MAP_NORESERVE, file, off_t(offset))
    guard let result, result != MAP_FAILED else { throw TestFailure("\(self): errno \(errno)") }
    return UInt64(UInt(bitPattern: result))
  }
}
