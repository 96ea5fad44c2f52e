// The control groups that this process is in, as far as they limit memory: where their files are,
// and what they say (cgroups(7)). A container sees its own group as the root of what is mounted.

/// One group, by the directory of its files.
struct ControlGroup: Equatable {
  enum Version { case first, second }

  let version: Version
  let directory: String
  /// As /proc/self/cgroup has it.
  let path: String

  /// What a version 1 group without a limit has is a little less than 2^63.
  private static let firstVersionUnlimited: UInt64 = 1 << 62

  /// Nil where it has no limit ("max", or the root, which has no such file), or cannot be read.
  var bound: HostMemory.Bound? {
    let (limitFile, usedFile, prefix) =
      switch version {
      case .first: ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_")
      case .second: ("memory.max", "memory.current", "")
      }
    guard let limit = number(in: limitFile), limit < Self.firstVersionUnlimited,
      let used = number(in: usedFile)
    else { return nil }
    let statistics =
      (try? SmallFile.read(path: "\(directory)/memory.stat", maximumBytes: 1 << 16)) ?? []
    let reclaimable = ["active_file", "inactive_file"].reduce(UInt64(0)) { sum, name in
      sum &+ (HostMemory.field(prefix + name, of: statistics) ?? 0)
    }
    let unreclaimable = used - min(used, reclaimable)
    return HostMemory.Bound(
      group: path, totalBytes: limit, availableBytes: limit - min(limit, unreclaimable))
  }

  private func number(in file: String) -> UInt64? {
    guard let text = try? SmallFile.read(path: "\(directory)/\(file)", maximumBytes: 4096) else {
      return nil
    }
    return UInt64(String(decoding: text.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
  }

  // MARK: finding them

  /// The groups of both versions and their parents, innermost first. Empty where none is mounted.
  static func ofThisProcess(root: String = "") -> [ControlGroup] {
    func lines(_ path: String) -> [Substring] {
      let text = (try? SmallFile.read(path: root + path, maximumBytes: 1 << 20)) ?? []
      return String(decoding: text, as: UTF8.self).split(separator: "\n")
    }
    let mounts = lines("/proc/self/mountinfo").compactMap { Mount($0) }
    return lines("/proc/self/cgroup").flatMap { line -> [ControlGroup] in
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3 else { return [] }
      let version: Version
      if parts[0] == "0", parts[1].isEmpty {
        version = .second
      } else if parts[1].split(separator: ",").contains("memory") {
        version = .first
      } else {
        return []
      }
      guard let mount = mounts.first(where: { $0.version == version }) else { return [] }
      return groups(version, mount, path: String(parts[2]), root: root)
    }
  }

  /// A group and its parents, as far as they can be seen below the mount.
  private static func groups(
    _ version: Version, _ mount: Mount, path: String, root: String
  ) -> [ControlGroup] {
    let base = mount.root == "/" ? [] : mount.root.split(separator: "/")
    var names = path.split(separator: "/")
    // A group that is not below what is mounted cannot be seen: what is mounted is a parent.
    let isVisible = names.starts(with: base) && !names.contains("..")
    if !isVisible { names = base }
    var groups: [ControlGroup] = []
    while true {
      let below = names.dropFirst(base.count).joined(separator: "/")
      groups.append(
        ControlGroup(
          version: version,
          directory: root + mount.point + (below.isEmpty ? "" : "/\(below)"),
          path: "/" + names.joined(separator: "/")))
      if names.count <= base.count { return groups }
      names.removeLast()
    }
  }

  /// A line of /proc/self/mountinfo about a hierarchy that limits memory.
  private struct Mount {
    let version: Version
    let root: String
    let point: String

    init?(_ line: Substring) {
      let words = line.split(separator: " ")
      guard let dash = words.firstIndex(of: "-"), dash >= 6, words.count > dash + 3 else {
        return nil
      }
      switch words[dash + 1] {
      case "cgroup2": version = .second
      case "cgroup" where words[dash + 3].split(separator: ",").contains("memory"): version = .first
      default: return nil
      }
      root = String(words[3])
      point = String(words[4])
    }
  }
}
