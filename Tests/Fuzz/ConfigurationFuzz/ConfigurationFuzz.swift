// The fuzzer of the configuration's parser, built only with COHERENTD_FUZZ set (see Package.swift);
// run it as `ConfigurationFuzz CORPUS config`, with libFuzzer's own options: it begins with the
// shipped file. An input is a main file and, behind the first line of "====", a drop-in. Whatever
// it is, a configuration is handed out exactly where there is no problem, messages hold no control
// characters, and what is in effect can be written and read back.

import CoherentDaemon

/// libFuzzer's loop, see FuzzerInterface.h of LLVM.
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
  _ argumentCount: UnsafeMutablePointer<CInt>,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
  _ callback: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

func runConfigurationFuzzer() {
  var argumentCount = CommandLine.argc
  var arguments = CommandLine.unsafeArgv
  _ = runDriver(&argumentCount, &arguments, fuzzOneInput)
}

/// One input. libFuzzer's own `main`, which is linked but not used, needs it under this name.
@c(LLVMFuzzerTestOneInput)
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  check(Array(UnsafeBufferPointer(start: start, count: count)))
  return 0
}

private func check(_ bytes: [UInt8]) {
  let reading = read(bytes.split(separator: Array("\n====\n".utf8), maxSplits: 1).map(Array.init))
  precondition(
    (reading.configuration != nil) == reading.problems.isEmpty,
    "a configuration exists exactly where there is no problem")
  for problem in reading.problems {
    precondition(
      problem.description.utf8.allSatisfy { $0 >= 0x20 }, "a message holds no control character")
  }
  let again = read([Array(reading.render().utf8)])
  precondition(
    again.settings.map(\.value) == reading.settings.map(\.value),
    "what is written is read back as the same values")
  precondition(
    reading.configuration == nil || again.configuration == reading.configuration,
    "what is written is read back as the same configuration")
}

private func read(_ files: [[UInt8]]) -> ConfigurationReading {
  let sources = files.enumerated().map { index, bytes in
    ConfigurationSource(path: "\(index)", bytes: bytes)
  }
  return ConfigurationReading(sources: sources, pageSizeBytes: 4096)
}
