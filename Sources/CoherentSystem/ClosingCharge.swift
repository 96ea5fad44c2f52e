// What a descriptor or a mapping carries whose last closing may have to wait for a peer: who is to
// be charged with it, and what it is. Whoever lets go of it, on whatever thread, then only hands it
// over to the closers. What may never happen: a wait for a peer in a destructor, which runs where
// the last reference happens to go.

/// To whom a closing is charged.
package struct ClosingCharge: Equatable, Sendable, BitwiseCopyable {
  package enum Kind: UInt8, Sendable, BitwiseCopyable {
    /// The socket of a connection that was accepted. In its queue there may be descriptors that
    /// its peer sent and nobody has read; if there are none, its closing waits for nothing.
    case connection
    /// A socket that listens, whose closing closes the connections that wait in it.
    case listener
    /// A descriptor that a peer sent.
    case sent
    /// Memory that a peer has or had a share in: its closing takes as long as there is memory.
    case memory
  }

  package let user: UInt32
  package let kind: Kind

  /// `user` as the kernel names the peer (SO_PEERCRED); the caller's own where there is no peer.
  package init(_ kind: Kind, user: UInt32) {
    self.kind = kind
    self.user = user
  }

  /// For what was kept for a peer who is not known yet, or not any more.
  package static func ofNobody(_ kind: Kind) -> ClosingCharge {
    ClosingCharge(kind, user: .max)
  }
}
