// What bounds memory, read from made-up files of both versions of control groups, nested, mounted
// in a container, and without any limit.

import Testing

@testable import CoherentSystem

struct HostMemoryTests {
  /// A tree of files that stands for the root of a machine.
  private final class FakeRoot {
    let path: String
    private var made: [String] = []

    init(_ files: [String: String]) throws {
      path = try Directory.createTemporary(prefix: "coherent-test-")
      for (name, text) in files.sorted(by: { $0.key < $1.key }) {
        var directory = path
        for part in name.split(separator: "/").dropLast() {
          directory += "/\(part)"
          guard !SmallFile.exists(path: directory) else { continue }
          try Directory.create(path: directory)
          made.append(directory)
        }
        try SmallFile.write(path: path + name, Array(text.utf8))
        made.append(path + name)
      }
    }

    deinit {
      for name in made.reversed() {
        try? SmallFile.remove(path: name)
        try? Directory.removeEmpty(path: name)
      }
      try? Directory.removeEmpty(path: path)
    }
  }

  private static let mebibyte: UInt64 = 1 << 20
  private static let machine =
    "MemTotal: 1048576 kB\nMemFree: 1 kB\nMemAvailable: 524288 kB\nSwapTotal: 1024 kB\n"
  private static let secondMount =
    "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n"
  private static let firstMount =
    "31 23 0:27 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n"
    + "32 23 0:28 / /sys/fs/cgroup/memory rw,nosuid shared:5 - cgroup cgroup rw,memory\n"

  private func read(_ files: [String: String]) throws -> HostMemory {
    let root = try FakeRoot(files.merging(["/proc/meminfo": Self.machine]) { $1 })
    defer { _ = root.path }
    return try HostMemory.current(root: root.path)
  }

  @Test func withoutGroupsTheMachineIsTheBound() throws {
    let memory = try read([:])
    #expect(
      memory.bounds == [
        HostMemory.Bound(
          group: nil, totalBytes: 1025 * Self.mebibyte, availableBytes: 512 * Self.mebibyte)
      ])
    #expect(memory.smallest.name == "this machine" && memory.scarcest == memory.smallest)
  }

  @Test func theSmallestOfNestedGroupsOfVersionTwoDecides() throws {
    let memory = try read([
      "/proc/self/cgroup": "0::/a.slice/b.service/c\n", "/proc/self/mountinfo": Self.secondMount,
      "/sys/fs/cgroup/memory.stat": "active_file 0\n",
      "/sys/fs/cgroup/a.slice/memory.max": "125829120\n",
      "/sys/fs/cgroup/a.slice/memory.current": "104857600\n",
      "/sys/fs/cgroup/a.slice/memory.stat": "active_file 1048576\ninactive_file 1048576\n",
      "/sys/fs/cgroup/a.slice/b.service/memory.max": "max\n",
      "/sys/fs/cgroup/a.slice/b.service/memory.current": "100\n",
      "/sys/fs/cgroup/a.slice/b.service/c/memory.max": "209715200\n",
      "/sys/fs/cgroup/a.slice/b.service/c/memory.current": "209715300\n",
    ])
    #expect(memory.bounds.map(\.group) == [nil, "/a.slice/b.service/c", "/a.slice"])
    #expect(memory.smallest.group == "/a.slice")
    #expect(memory.smallest.totalBytes == 120 * Self.mebibyte)
    #expect(memory.bounds[2].availableBytes == 22 * Self.mebibyte)
    #expect(memory.scarcest.group == "/a.slice/b.service/c")
    #expect(memory.scarcest.availableBytes == 0, "what is over its limit has nothing left")
  }

  @Test func groupsOfVersionOneCountWhatIsBelowThem() throws {
    let memory = try read([
      "/proc/self/cgroup": "5:cpu,cpuacct:/x\n4:memory:/outer/inner\n0::/y\n",
      "/proc/self/mountinfo": Self.firstMount,
      "/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
      "/sys/fs/cgroup/memory/memory.usage_in_bytes": "1\n",
      "/sys/fs/cgroup/memory/outer/memory.limit_in_bytes": "104857600\n",
      "/sys/fs/cgroup/memory/outer/memory.usage_in_bytes": "52428800\n",
      "/sys/fs/cgroup/memory/outer/memory.stat":
        "active_file 9\ntotal_active_file 10485760\ntotal_inactive_file 0\n",
      "/sys/fs/cgroup/memory/outer/inner/memory.limit_in_bytes": "9223372036854771712\n",
      "/sys/fs/cgroup/memory/outer/inner/memory.usage_in_bytes": "1\n",
    ])
    #expect(memory.bounds.map(\.group) == [nil, "/outer"])
    #expect(memory.scarcest.name == "control group /outer")
    #expect(memory.scarcest.availableBytes == 60 * Self.mebibyte)
  }

  @Test(arguments: ["/", "/docker/abc", "/../elsewhere"])
  func aContainerSeesItsGroupAsTheRootOfWhatIsMounted(path: String) throws {
    let root = path == "/docker/abc" ? "/docker/abc" : "/"
    let memory = try read([
      "/proc/self/cgroup": "0::\(path)\n",
      "/proc/self/mountinfo": "30 23 0:26 \(root) /sys/fs/cgroup ro - cgroup2 cgroup rw\n",
      "/sys/fs/cgroup/memory.max": "67108864\n", "/sys/fs/cgroup/memory.current": "1048576\n",
    ])
    #expect(memory.scarcest.totalBytes == 64 * Self.mebibyte)
    #expect(memory.scarcest.availableBytes == 63 * Self.mebibyte)
    #expect(memory.scarcest.group == root)
  }

  @Test(arguments: ["", "0\n", "4:memory\n", "x:y:z\n", "0::\n"])
  func whatIsNoListOfGroupsIsNone(text: String) throws {
    let memory = try read([
      "/proc/self/cgroup": text, "/proc/self/mountinfo": "odd\n- - -\n" + Self.secondMount,
    ])
    #expect(memory.bounds.map(\.group) == [nil])
  }

  @Test func aMachineThatSaysNothingIsAnError() throws {
    let root = try FakeRoot(["/proc/meminfo": "MemTotal: 5 kB\n"])
    #expect(throws: SystemError.self) { _ = try HostMemory.current(root: root.path) }
  }

  @Test func thisMachineIsReadToo() throws {
    let memory = try HostMemory.current()
    #expect(memory.bounds[0].group == nil && memory.smallest.totalBytes > 0)
    #expect(memory.scarcest.availableBytes <= memory.bounds[0].availableBytes)
  }
}
