// Where the first steps meet the outside: the real files, standard output and standard error.
// Nothing is decided here.

import CoherentSystem

extension DaemonBeginning {
  /// Takes the first steps with this machine's files.
  package init(arguments: [String]) {
    self.init(arguments: arguments) { $0.read(pageSizeBytes: UInt64(PageSize.bytes)) }
  }

  /// EX_IOERR of sysexits.h(3head).
  private static let outputStatus: Int32 = 74

  /// Writes the texts of an ending to where they belong, and returns the exit status; nil where
  /// the daemon is to run. What cannot be written was not told: that is a failure.
  package func writeEnding() -> Int32? {
    guard case .finished(let status, let output, let errors) = self else { return nil }
    // Who starts the daemon again and again must not be held up by a log that nobody reads.
    StandardError.write(errors, milliseconds: 2000)
    guard !output.isEmpty else { return status }
    do throws(SystemError) {
      try StandardOutput.deliver(output)
      return status
    } catch {
      StandardError.write(
        "coherentd: the output cannot be written: \(error)\n", milliseconds: 2000)
      return Self.outputStatus
    }
  }
}
