// A program of this package where every user can run it: a checkout may lie below a home that
// nobody else can enter, and Swift with it. What lies out of reach is copied, once for each process
// of tests, and the copies are removed when that process exits.

import CoherentSystem
import Glibc
import Synchronization

package enum ReachableProgram {
  private static let place = Mutex<String?>(nil)

  /// Makes a launch one that a user without any privilege can do.
  package static func make(_ launch: inout Launch) throws(SystemError) {
    let (path, libraries) = try place.withLock {
      (place) throws(SystemError) -> (String, Set<String>) in
      let path = try reachable(launch.path, &place)
      var directories: Set<String> = []
      for library in try ownLibraries() {
        let copy = try reachable(library, &place)
        directories.insert(String(copy[..<copy.lastIndex(of: "/")!]))
      }
      return (path, directories)
    }
    launch.path = path
    let variable = "LD_LIBRARY_PATH=" + libraries.sorted().joined(separator: ":")
    launch.environment = (launch.environment ?? Environment.all()) + [variable]
  }

  /// The path, or that of a copy.
  private static func reachable(
    _ path: String, _ place: inout String?
  ) throws(SystemError) -> String {
    if isReachable(path) { return path }
    let directory = try directory(&place)
    let copy = "\(directory)/\(path[path.index(after: path.lastIndex(of: "/")!)...])"
    if SmallFile.exists(path: copy) { return copy }
    try SmallFile.write(path: copy, try SmallFile.read(path: path, maximumBytes: 1 << 30))
    chmod(copy, 0o755)
    return copy
  }

  /// Whether everybody may enter each directory on the way, and run the file at its end.
  private static func isReachable(_ path: String) -> Bool {
    guard let resolved = realpath(path, nil) else { return false }
    defer { free(resolved) }
    let real = String(cString: resolved)
    var status = stat()
    for end in real.indices.dropFirst() where real[end] == "/" {
      guard stat(String(real[..<end]), &status) == 0, status.st_mode & 0o1 != 0 else {
        return false
      }
    }
    return stat(real, &status) == 0 && status.st_mode & 0o4 != 0
  }

  /// The shared libraries of this process, which the programs beside it need as well: proc(5).
  private static func ownLibraries() throws(SystemError) -> Set<String> {
    let maps = try SmallFile.read(path: "/proc/self/maps", maximumBytes: 1 << 22)
    var libraries: Set<String> = []
    for line in String(decoding: maps, as: UTF8.self).split(separator: "\n") {
      guard line.contains(".so"), let start = line.firstIndex(of: "/") else { continue }
      libraries.insert(String(line[start...]))
    }
    return libraries
  }

  private static func directory(_ place: inout String?) throws(SystemError) -> String {
    if let place { return place }
    let made = try Directory.createTemporary(prefix: "coherentd-programs-")
    chmod(made, 0o755)
    place = made
    atexit { ReachableProgram.remove() }
    return made
  }

  private static func remove() {
    place.withLock { place in
      guard let directory = place.take() else { return }
      for name in (try? Directory.names(path: directory)) ?? [] {
        try? SmallFile.remove(path: "\(directory)/\(name)")
      }
      try? Directory.removeEmpty(path: directory)
    }
  }
}
