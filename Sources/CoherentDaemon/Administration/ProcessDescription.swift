// Who a process is, in an administrator's words: its command and its systemd unit, as /proc has
// them. What may never happen: that a number which was given away meanwhile makes it somebody else.
// Where /proc hides other users' processes (ProtectProc=invisible) nothing is known of them.

import CoherentSystem

struct ProcessDescription: Equatable {
  /// The command's name, at most 15 bytes; empty when it is not known.
  var command = ""
  /// The unit in whose control group it is; nil if in none, or not known.
  var unit: String?

  init() {}

  /// Reads about a process that `descriptor` is of. If that is gone after the reading, what was
  /// read may be about another one, and is forgotten.
  init(of process: Int32, _ descriptor: borrowing ProcessDescriptor) {
    let command = Self.read("/proc/\(process)/comm").prefix { $0 != "\n" }
    let unit = Self.unit(controlGroups: Self.read("/proc/\(process)/cgroup"))
    guard !descriptor.isGone else { return }
    self.command = String(command)
    self.unit = unit
  }

  /// Reads about a process that listens, as far as it is known.
  init(ofListener process: Int32) {
    command = String(Self.read("/proc/\(process)/comm").prefix { $0 != "\n" })
    unit = Self.unit(of: process)
  }

  /// The unit of a process that is still speaking to us, for a line of the log.
  static func unit(of process: Int32) -> String? {
    unit(controlGroups: read("/proc/\(process)/cgroup"))
  }

  private static func read(_ path: String) -> String {
    let bytes = (try? SmallFile.read(path: path, maximumBytes: 16_384)) ?? []
    return String(decoding: bytes, as: UTF8.self)
  }

  // MARK: units

  /// The unit that the contents of /proc/PID/cgroup name: of the unified hierarchy, or else of
  /// systemd's own (cgroups(7)). Below its slices the first group is the unit; what a unit makes
  /// below itself is its own affair, and proves nothing. Only a user's manager has units below it.
  static func unit(controlGroups: String) -> String? {
    let lines = controlGroups.split(separator: "\n")
    for prefix in ["0::", "1:name=systemd:"] {
      for line in lines where line.hasPrefix(prefix) {
        let groups = line.dropFirst(prefix.count).split(separator: "/")
        if let unit = unit(groups[...]) { return unit }
      }
    }
    return nil
  }

  private static func unit(_ groups: ArraySlice<Substring>) -> String? {
    let rest = groups.drop { $0.hasSuffix(".slice") }
    guard let first = rest.first, isUnit(first) else { return nil }
    if first.hasPrefix("user@"), let below = unit(rest.dropFirst()) { return below }
    return unescaped(first)
  }

  private static func isUnit(_ group: Substring) -> Bool {
    group.hasSuffix(".service") || group.hasSuffix(".scope")
  }

  /// systemd puts an underscore before a name that the kernel could take for one of its own files.
  private static func unescaped(_ group: Substring) -> String {
    String(group.hasPrefix("_") ? group.dropFirst() : group)
  }
}
