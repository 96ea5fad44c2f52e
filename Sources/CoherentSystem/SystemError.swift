// A failure of the environment: what was tried, the kernel's error number, and the numbers that
// help to understand it. Expected conditions (would block, closed, gone) are values of enums
// instead, and bugs are invariants.

import CLinux

/// A system call that failed, with what it was asked.
package struct SystemError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The system call, as its man page is called.
  package let operation: String
  /// The error number (errno(3)).
  package let code: CInt
  /// What was asked, so that it reads on after the operation: "of 4096 bytes". May be empty.
  package let context: String

  package init(operation: String, code: CInt, context: String = "") {
    self.operation = operation
    self.code = code
    self.context = context
  }

  package var description: String {
    let asked = context.isEmpty ? operation : "\(operation) \(context)"
    return "\(asked): \(Self.explain(code))"
  }

  /// The meaning and the name of an error number: "No such process (ESRCH)". strerrordesc_np(3).
  package static func explain(_ code: CInt) -> String {
    guard let name = clinux_error_name(code), let meaning = clinux_error_description(code) else {
      return "error \(code)"
    }
    return "\(String(cString: meaning)) (\(String(cString: name)))"
  }
}
