// The names by which the protocol and the core speak of things. Each is a type of its own, so that
// a frame is never taken for a handle. None of them grants anything: whoever presents one is
// checked against what the session really holds.

/// One connection of one process. Counts up; a number comes back after four thousand million
/// others at the earliest.
package struct SessionID: Hashable, Comparable, Sendable {
  package let rawValue: UInt32
  package init(rawValue: UInt32) { self.rawValue = rawValue }
  package static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

/// One allocation of one session: the low 32 bits are its slot, the high 32 bits the slot's
/// generation, so that a handle which was freed is never taken for its successor.
package struct HandleID: Hashable, Comparable, Sendable {
  package let rawValue: UInt64
  package init(rawValue: UInt64) { self.rawValue = rawValue }
  package static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

/// One pin that was granted; built like a handle.
package struct PinID: Hashable, Comparable, Sendable {
  package let rawValue: UInt64
  package init(rawValue: UInt64) { self.rawValue = rawValue }
  package static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

/// The client's own number for a request; the reply carries it back unchanged.
package struct RequestID: Hashable, Comparable, Sendable {
  package let rawValue: UInt64
  package init(rawValue: UInt64) { self.rawValue = rawValue }
  package static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}
