// Where the first steps meet the outside: the real files, standard output and standard error.
// Nothing is decided here.

import CoherentSystem

extension DaemonBeginning {
  /// Takes the first steps with this machine's files.
  package init(arguments: [String]) {
    self.init(arguments: arguments) { $0.read(pageSizeBytes: UInt64(PageSize.bytes)) }
  }

  /// Writes the texts of an ending to where they belong, and returns the exit status; nil where
  /// the daemon is to run.
  package func writeEnding() -> Int32? {
    guard case .finished(let status, let output, let errors) = self else { return nil }
    // Who starts the daemon again and again must not be held up by a log that nobody reads.
    StandardError.write(errors, milliseconds: 2000)
    StandardOutput.write(output)
    return status
  }
}
