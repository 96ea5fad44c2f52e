// How much host memory can still be had, by what the kernel says: of the machine, and of every
// control group that this process is in.

import Glibc

/// The memory of this machine.
package enum HostMemory {
  /// The bytes that can be committed without swapping: the least of MemAvailable of proc(5)
  /// /proc/meminfo and of what each memory.max of the control group (version 2) and its parents
  /// leaves. File pages can be reclaimed and count as available.
  package static func availableBytes() throws(SystemError) -> UInt64 {
    let text = try SmallFile.read(path: "/proc/meminfo", maximumBytes: 1 << 16)
    guard let machine = field("MemAvailable:", of: text) else {
      throw SystemError(operation: "read", code: ENODATA, context: "MemAvailable of /proc/meminfo")
    }
    var available = machine * 1024
    for directory in controlGroupDirectories() {
      if let left = leftBytes(in: directory) { available = min(available, left) }
    }
    return available
  }

  /// The directories of this process's control group and its parents, innermost first. Empty where
  /// version 2 is not mounted at its usual place.
  private static func controlGroupDirectories() -> [String] {
    guard let text = try? SmallFile.read(path: "/proc/self/cgroup", maximumBytes: 1 << 16) else {
      return []
    }
    for line in text.split(separator: UInt8(ascii: "\n")) where line.starts(with: "0::/".utf8) {
      var names = line.dropFirst(4).split(separator: UInt8(ascii: "/"))
      var directories: [String] = []
      while true {
        let path = names.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "/")
        directories.append(path.isEmpty ? "/sys/fs/cgroup" : "/sys/fs/cgroup/\(path)")
        if names.isEmpty { return directories }
        names.removeLast()
      }
    }
    return []
  }

  /// Nil where the group has no limit ("max", or the root, which has no such file).
  private static func leftBytes(in directory: String) -> UInt64? {
    guard let limit = number(in: "\(directory)/memory.max"),
      let used = number(in: "\(directory)/memory.current")
    else { return nil }
    let statistics =
      (try? SmallFile.read(path: "\(directory)/memory.stat", maximumBytes: 1 << 16)) ?? []
    let reclaimable =
      (field("active_file", of: statistics) ?? 0) + (field("inactive_file", of: statistics) ?? 0)
    let unreclaimable = used - min(used, reclaimable)
    return limit - min(limit, unreclaimable)
  }

  private static func number(in path: String) -> UInt64? {
    guard let text = try? SmallFile.read(path: path, maximumBytes: 4096) else { return nil }
    return UInt64(String(decoding: text.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
  }

  /// The number after a name that stands at the start of a line.
  static func field(_ name: String, of text: [UInt8]) -> UInt64? {
    for line in text.split(separator: UInt8(ascii: "\n")) {
      let words = line.split(separator: UInt8(ascii: " "))
      if words.count >= 2 && words[0].elementsEqual(name.utf8) {
        return UInt64(String(decoding: words[1], as: UTF8.self))
      }
    }
    return nil
  }
}
