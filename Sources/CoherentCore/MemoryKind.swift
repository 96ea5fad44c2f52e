// What a memory block is made of, as far as the core has to know: two blocks of one kind are the
// same memory, two of different kinds are not. Which NUMA node a kind is bound to, only the shell
// knows.

package struct MemoryKind: RawRepresentable, Hashable, Sendable {
  package let rawValue: UInt8
  package init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Ordinary memory, wherever the kernel takes it from.
  package static let unbound = MemoryKind(rawValue: 0)
  /// As many kinds as the three bits tell apart in which a frame's kind is noted.
  package static let count = 8

  package static var all: [MemoryKind] { (0..<UInt8(count)).map(MemoryKind.init) }
}
