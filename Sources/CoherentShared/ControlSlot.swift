// Where in a session's control memory the word of an allocation stands.

/// The slot of an allocation in its session's table: the low 32 bits of its handle.
package struct ControlSlot: Hashable, Comparable, Sendable {
  package let rawValue: UInt32

  @inlinable
  package init(rawValue: UInt32) { self.rawValue = rawValue }

  @inlinable
  package static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}
