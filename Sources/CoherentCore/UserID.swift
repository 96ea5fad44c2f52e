// A user as the kernel names it (SO_PEERCRED): whoever shares a device is told apart by this number
// and by nothing that a client says. Of a process in another user namespace it is the number that
// the kernel maps it to, or the overflow number; that word is taken.

package struct UserID: RawRepresentable, Hashable, Comparable, Sendable {
  package let rawValue: UInt32
  package init(rawValue: UInt32) { self.rawValue = rawValue }

  package static let root = UserID(rawValue: 0)

  package static func < (left: UserID, right: UserID) -> Bool { left.rawValue < right.rawValue }
}
