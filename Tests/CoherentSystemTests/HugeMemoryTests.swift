// Huge pages of memory files, as this machine gives them or does not.

import Testing

@testable import CoherentSystem

struct HugeMemoryTests {
  private let hugePage: UInt64 = 2 << 20

  @Test func aFileIsFoundHugeExactlyWhereItsMemoryIs() throws {
    let file = try MemoryFile(name: "test", sizeBytes: 4 * hugePage)
    try file.fill(offsetBytes: hugePage, lengthBytes: 2 * hugePage)
    let huge = try HugeMemory.hugeBytes(
      of: file, offsetBytes: hugePage, lengthBytes: 2 * hugePage, pageBytes: hugePage)
    if try HugeMemory.isGiven(pageBytes: hugePage) {
      // Where memory is fragmented, a part may not be.
      #expect(huge.isMultiple(of: hugePage))
    } else {
      #expect(huge == 0)
    }
    #expect(try file.committedBytes() == 2 * hugePage, "no hole was filled")
  }

  @Test func readsTheSettingsWord() throws {
    let directory = try Directory.createTemporary(prefix: "coherent-huge-")
    let path = "\(directory)/setting"
    defer {
      try? SmallFile.remove(path: path)
      try? Directory.removeEmpty(path: directory)
    }
    try SmallFile.write(
      path: path, Array("always within_size advise [never] deny force\n".utf8))
    #expect(HugeMemory.setting(path: path) == "never")
    #expect(HugeMemory.setting(path: "\(directory)/other") == nil)
  }
}
