// What a rule says about a place in the repository: the one thing that all rules give back.

/// A violation of the house style.
struct Finding: Equatable, CustomStringConvertible {
  /// Relative to the repository's root.
  let path: String
  /// From 1; 0 means the file, or the directory, as a whole.
  let line: Int
  /// A sentence: what is there, and what should be.
  let complaint: String

  init(_ path: String, line: Int = 0, _ complaint: String) {
    self.path = path
    self.line = line
    self.complaint = complaint
  }

  var description: String {
    line > 0 ? "\(path):\(line): \(complaint)" : "\(path): \(complaint)"
  }
}

extension [Finding] {
  /// One finding a line, for the failure message of a test.
  var listing: String { map { "\n  \($0)" }.joined() }
}
