// The refusal of a control memory that was laid out by somebody who reads it differently.

/// The control memory is none, or is laid out by another version.
package struct ControlMismatch: Error, Equatable, Sendable {
  package let expected: UInt64
  package let found: UInt64

  package init(expected: UInt64, found: UInt64) {
    self.expected = expected
    self.found = found
  }
}
