// How much host memory there is, and how much of it can still be had, by what the kernel says: of
// the machine, and of every control group that this process is in, of version 1 and version 2. The
// smallest decides: whoever is out of its group's memory is killed, however much the machine has.

import Glibc

/// What bounds the memory of this process, as it was at one moment.
package struct HostMemory: Equatable, Sendable {
  package struct Bound: Equatable, Sendable {
    /// The path of a control group; nil for the machine.
    package let group: String?
    package let totalBytes: UInt64
    /// What can be committed without swapping. File pages can be reclaimed and count as available.
    package let availableBytes: UInt64

    package init(group: String?, totalBytes: UInt64, availableBytes: UInt64) {
      self.group = group
      self.totalBytes = totalBytes
      self.availableBytes = availableBytes
    }

    /// "this machine", "control group /system.slice".
    package var name: String { group.map { "control group \($0)" } ?? "this machine" }
  }

  /// The machine first, then the control groups with a limit, the innermost first.
  package let bounds: [Bound]

  package init(bounds: [Bound]) {
    invariant(!bounds.isEmpty, "a machine has memory")
    self.bounds = bounds
  }

  /// What has the least in all.
  package var smallest: Bound { bounds.min { $0.totalBytes < $1.totalBytes }! }

  /// What has the least left.
  package var scarcest: Bound { bounds.min { $0.availableBytes < $1.availableBytes }! }

  /// Reads /proc/meminfo (proc(5)) and the limits of the control groups (cgroups(7)); `root` is put
  /// before the path of every file. O(depth of the groups).
  package static func current(root: String = "") throws(SystemError) -> HostMemory {
    let text = try SmallFile.read(path: "\(root)/proc/meminfo", maximumBytes: 1 << 16)
    guard let total = field("MemTotal:", of: text), let available = field("MemAvailable:", of: text)
    else {
      throw SystemError(operation: "read", code: ENODATA, context: "MemAvailable of /proc/meminfo")
    }
    let swap = field("SwapTotal:", of: text) ?? 0
    let machine = Bound(
      group: nil, totalBytes: (total + swap) * 1024, availableBytes: available * 1024)
    return HostMemory(
      bounds: [machine] + ControlGroup.ofThisProcess(root: root).compactMap(\.bound))
  }

  /// The bytes that can be committed without swapping, by whatever has the least.
  package static func availableBytes() throws(SystemError) -> UInt64 {
    try current().scarcest.availableBytes
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
