// How much memory a NUMA node has, and how much of it can still be taken without asking anybody to
// give some back.

import Glibc

/// The memory of one node at one moment.
package struct NodeMemory: Equatable, Sendable {
  package let totalBytes: UInt64
  package let freeBytes: UInt64
  /// The page cache's, which the kernel takes back when it is asked for more than is free.
  package let fileBytes: UInt64
  /// What the kernel keeps free: below it, an allocation that may lie elsewhere does (the `high`
  /// watermarks of the node's zones).
  package let reserveBytes: UInt64

  /// The free memory that the kernel gives out.
  package var availableBytes: UInt64 { freeBytes - min(freeBytes, reserveBytes) }

  /// What an allocation gets that may lie on no other node: it waits until the page cache gives
  /// back, of which the kernel keeps a little as well.
  package var reclaimableBytes: UInt64 {
    availableBytes + fileBytes - min(fileBytes / 2, reserveBytes)
  }

  /// Reads it from nodeN/meminfo of sysfs and from /proc/zoneinfo: proc(5). Throws ENOENT for a
  /// node that is not there.
  package static func current(
    of node: Int, directory: String = NodeTopology.systemDirectory,
    zonesPath: String = "/proc/zoneinfo"
  ) throws(SystemError) -> NodeMemory {
    let path = "\(directory)/node\(node)/meminfo"
    let text = try SmallFile.read(path: path, maximumBytes: 1 << 16)
    guard let total = kibibytes("MemTotal:", in: text), let free = kibibytes("MemFree:", in: text)
    else { throw SystemError(operation: "read", code: EBADMSG, context: "of memory in \(path)") }
    let file = ["Active(file):", "Inactive(file):"].reduce(0) { sum, name in
      sum + (kibibytes(name, in: text) ?? 0)
    }
    let zones = try SmallFile.read(path: zonesPath, maximumBytes: 4 << 20)
    return NodeMemory(
      totalBytes: total << 10, freeBytes: free << 10, fileBytes: file << 10,
      reserveBytes: highPages(of: node, in: zones) * UInt64(PageSize.bytes))
  }

  /// The number of a line as `Node 1 MemFree:  131072 kB`.
  private static func kibibytes(_ name: String, in text: [UInt8]) -> UInt64? {
    for line in text.split(separator: UInt8(ascii: "\n")) {
      let words = line.split(separator: UInt8(ascii: " "))
      if words.count >= 4, words[2].elementsEqual(name.utf8) {
        return UInt64(String(decoding: words[3], as: UTF8.self))
      }
    }
    return nil
  }

  /// The sum over the zones of a node, each of which begins with a line `Node 1, zone  Movable`.
  private static func highPages(of node: Int, in text: [UInt8]) -> UInt64 {
    var isWanted = false
    var pages: UInt64 = 0
    for line in text.split(separator: UInt8(ascii: "\n")) {
      let words = line.split(separator: UInt8(ascii: " "))
      if words.count >= 3, words[0].elementsEqual("Node".utf8) {
        isWanted = words[1].elementsEqual("\(node),".utf8)
      } else if isWanted, words.count == 2, words[0].elementsEqual("high".utf8) {
        pages += UInt64(String(decoding: words[1], as: UTF8.self)) ?? 0
      }
    }
    return pages
  }
}
