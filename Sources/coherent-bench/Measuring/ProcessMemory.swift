// How much memory of its own a process has: what it shares with others, memory files above all, is
// not in it.

import CoherentSystem

enum ProcessMemory {
  /// Anonymous memory: proc_pid_smaps(5), /proc/PID/smaps_rollup.
  static func anonymousBytes(of process: Int32) throws -> Int {
    let path = "/proc/\(process)/smaps_rollup"
    let text = try SmallFile.read(path: path, maximumBytes: 64 << 10)
    for line in text.split(separator: UInt8(ascii: "\n")) {
      let words = line.split(separator: UInt8(ascii: " "))
      guard words.count == 3, words[0].elementsEqual("Anonymous:".utf8),
        let kibibytes = Int(String(decoding: words[1], as: UTF8.self))
      else { continue }
      return kibibytes << 10
    }
    throw BenchFailure("\(path) does not say how much memory is anonymous")
  }
}
