// Huge pages in memory files: whether the kernel gives them, and whether a file's memory is made of
// them. Nothing tells that of a file directly; a file that gets a whole huge page for one byte, and
// a mapping whose pages the kernel maps as huge ones, do. Needs no privilege.

import Glibc

/// Huge pages of memory files.
package enum HugeMemory {
  /// What says whether memory files get huge pages: `always` and `within_size` are the values with
  /// which they do (Documentation/admin-guide/mm/transhuge.rst).
  package static let settingPath = "/sys/kernel/mm/transparent_hugepage/shmem_enabled"

  /// The value of that setting, the word in brackets; nil where the kernel has no huge pages.
  package static func setting(path: String = settingPath) -> String? {
    guard let text = try? SmallFile.read(path: path, maximumBytes: 4096) else { return nil }
    return String(decoding: text, as: UTF8.self).split(whereSeparator: { " \n".contains($0) })
      .first { $0.hasPrefix("[") }.map { String($0.dropFirst().dropLast()) }
  }

  /// Tries it: whether a new memory file gets a page of that size for one page written into it.
  package static func isGiven(pageBytes: UInt64) throws(SystemError) -> Bool {
    let file = try MemoryFile(name: "huge-page-trial", sizeBytes: 2 * pageBytes)
    let byte: [UInt8] = [1]
    var result = Result<Void, SystemError>.success(())
    byte.withUnsafeBytes { bytes in
      do throws(SystemError) {
        try file.write(from: bytes, offsetBytes: 0)
      } catch {
        result = .failure(error)
      }
    }
    try result.get()
    return try file.committedBytes() == pageBytes
  }

  /// How much is mapped at a time.
  private static let windowBytes: UInt64 = 64 << 20

  /// How many bytes of a range that holds memory are in huge pages: what the kernel maps as such,
  /// ShmemPmdMapped of proc(5) /proc/self/smaps. Touches every page of the range, so a hole in it
  /// would be filled. The range is a multiple of the huge page.
  package static func hugeBytes(
    of file: borrowing MemoryFile, offsetBytes: UInt64, lengthBytes: UInt64, pageBytes: UInt64,
    _ beat: () -> Void = {}
  ) throws(SystemError) -> UInt64 {
    var huge: UInt64 = 0
    var done: UInt64 = 0
    while done < lengthBytes {
      let length = Int(min(windowBytes, lengthBytes - done))
      let window = try Mapping(
        file: file, offsetBytes: offsetBytes + done, lengthBytes: length,
        alignmentBytes: Int(pageBytes))
      try window.populate(offsetBytes: 0, lengthBytes: length)
      huge += try mappedHugeBytes(window.address)
      done += UInt64(length)
      beat()
    }
    return huge
  }

  /// Of the mapping that starts at an address.
  private static func mappedHugeBytes(_ address: UInt64) throws(SystemError) -> UInt64 {
    let text = try SmallFile.read(path: "/proc/self/smaps", maximumBytes: 64 << 20)
    let start = Array("\(String(address, radix: 16))-".utf8)
    var isWanted = false
    for line in text.split(separator: UInt8(ascii: "\n")) {
      if line.starts(with: start) {
        isWanted = true
      } else if isWanted, line.starts(with: "ShmemPmdMapped:".utf8) {
        return (HostMemory.field("ShmemPmdMapped:", of: Array(line)) ?? 0) << 10
      }
    }
    throw SystemError(
      operation: "read", code: ENODATA, context: "of ShmemPmdMapped in /proc/self/smaps")
  }
}
