// Who a process is, in an administrator's words: its command and its systemd unit.

import CoherentSystem

enum ProcessDescription {
  /// The command's name: /proc/PID/comm, empty when the process is gone.
  static func command(of process: Int32) -> String {
    guard let bytes = try? SmallFile.read(path: "/proc/\(process)/comm", maximumBytes: 256) else {
      return ""
    }
    return String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
  }

  /// The unit in whose control group it is, nil if in none: /proc/PID/cgroup.
  static func unit(of process: Int32) -> String? {
    guard let bytes = try? SmallFile.read(path: "/proc/\(process)/cgroup", maximumBytes: 16_384)
    else { return nil }
    for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n").reversed() {
      let parts = line.split(separator: "/")
      let units = [".service", ".scope"]
      if let unit = parts.last(where: { part in units.contains { part.hasSuffix($0) } }) {
        return String(unit)
      }
    }
    return nil
  }
}
