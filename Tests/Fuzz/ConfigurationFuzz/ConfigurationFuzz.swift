// What libFuzzer calls with each input: the bytes are a main file and, behind the first line of
// "====", a drop-in. Whatever they are, reading them may not trap, a configuration is handed out
// exactly where there is no problem, messages hold no control characters, and what is in effect can
// be written and read back.

import CFuzzer
import CoherentDaemon
import CoherentSystem

enum ConfigurationFuzz {
  /// Hands the command line to libFuzzer, which never returns to anything of interest.
  static func run() {
    var count = CommandLine.argc
    var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
    withUnsafeMutablePointer(to: &arguments) { arguments in
      _ = LLVMFuzzerRunDriver(&count, arguments) { data, size in
        ConfigurationFuzz.check(Array(UnsafeBufferPointer(start: data, count: size)))
        return 0
      }
    }
  }

  private static func check(_ bytes: [UInt8]) {
    let separator = Array("\n====\n".utf8)
    let files = bytes.split(separator: separator, maxSplits: 1).map(Array.init)
    let reading = read(files)
    invariant(
      (reading.configuration != nil) == reading.problems.isEmpty,
      "a configuration exists exactly where there is no problem")
    for problem in reading.problems {
      invariant(
        problem.description.utf8.allSatisfy { $0 >= 0x20 }, "a message holds no control character")
    }
    let again = read([Array(reading.render().utf8)])
    invariant(
      again.settings.map(\.value) == reading.settings.map(\.value),
      "what is written is read back as the same values")
    invariant(
      again.configuration == reading.configuration || reading.configuration == nil,
      "what is written is read back as the same configuration")
  }

  private static func read(_ files: [[UInt8]]) -> ConfigurationReading {
    let sources = files.enumerated().map { index, bytes in
      ConfigurationSource(path: "\(index)", bytes: bytes)
    }
    return ConfigurationReading(sources: sources, pageSizeBytes: 4096)
  }
}
