// Who the other end of a socket is, as the kernel says: the process that connected, and the
// identity that it had then. Nothing that the peer says about itself.

/// The identity of a peer at the moment when it connected.
package struct PeerCredentials: Equatable, Sendable {
  package let process: Int32
  package let user: UInt32
  package let group: UInt32
  package let supplementaryGroups: [UInt32]

  package init(process: Int32, user: UInt32, group: UInt32, supplementaryGroups: [UInt32]) {
    self.process = process
    self.user = user
    self.group = group
    self.supplementaryGroups = supplementaryGroups
  }

  /// Whether the peer acts in this group, as its own or as one more.
  package func belongs(to wanted: UInt32) -> Bool {
    group == wanted || supplementaryGroups.contains(wanted)
  }
}
