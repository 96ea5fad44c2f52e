// A control group of the machine with a limit of memory, of whichever version there is, for one
// test.

import CoherentSystem

final class MemoryGroup {
  private let directory: String
  private let parent: String

  /// Why none can be made; nil if one can.
  static let obstacle: String? = {
    do {
      _ = try MemoryGroup(limitBytes: 1 << 30)
      return nil
    } catch {
      return "needs a control group with a limit of memory: \(error)"
    }
  }()

  init(limitBytes: UInt64) throws {
    let first = "/sys/fs/cgroup/memory"
    let isFirst = SmallFile.exists(path: "\(first)/memory.limit_in_bytes")
    parent = isFirst ? first : "/sys/fs/cgroup"
    directory = "\(parent)/coherentd-test-\(Process.id)-\(limitBytes)"
    try Directory.create(path: directory)
    do {
      let file = isFirst ? "memory.limit_in_bytes" : "memory.max"
      try SmallFile.write(path: "\(directory)/\(file)", Array("\(limitBytes)".utf8))
    } catch {
      try? Directory.removeEmpty(path: directory)
      throw error
    }
  }

  var name: String { String(directory.dropFirst(parent.count)) }

  func add(_ process: Int32) throws { try move(process, to: directory) }

  /// Takes it back out, so that the group can go.
  func release(_ process: Int32) throws { try move(process, to: parent) }

  private func move(_ process: Int32, to group: String) throws {
    try SmallFile.write(path: "\(group)/cgroup.procs", Array("\(process)".utf8))
  }

  deinit { try? Directory.removeEmpty(path: directory) }
}
