// Who is at the other end, asked of the kernel: unix(7), socket(7).

import CLinux
import Glibc

extension LocalSocket {
  /// The peer's process and identity when it connected: getsockopt(2), SO_PEERCRED and
  /// SO_PEERGROUPS.
  package borrowing func peerCredentials() throws(SystemError) -> PeerCredentials {
    var process: pid_t = 0
    var user: uid_t = 0
    var group: gid_t = 0
    let number = raw
    try checked("getsockopt", "SO_PEERCRED") {
      clinux_peer_credentials(number, &process, &user, &group)
    }
    return PeerCredentials(
      process: process, user: user, group: group, supplementaryGroups: try peerGroups())
  }

  /// A descriptor of the peer's process, which becomes readable when it exits: getsockopt(2),
  /// SO_PEERPIDFD (Linux 6.5). Before, pidfd_open(2) of the process number, which can have been
  /// given to another process when the peer is gone already. ESRCH or EINVAL when it is gone.
  package borrowing func peerProcessDescriptor() throws(SystemError) -> Descriptor {
    var number: CInt = -1
    var length = socklen_t(MemoryLayout<CInt>.size)
    if getsockopt(raw, SOL_SOCKET, clinux_SO_PEERPIDFD, &number, &length) == 0 {
      return Descriptor(owning: number)
    }
    let code = errno
    guard code == ENOPROTOOPT else { throw failure("getsockopt", code, "SO_PEERPIDFD") }
    let process = try peerCredentials().process
    return Descriptor(
      owning: try checked("pidfd_open", "of process \(process)") { clinux_pidfd_open(process, 0) })
  }

  /// Asked first with room for a few, then with the room that the kernel names (ERANGE).
  private borrowing func peerGroups() throws(SystemError) -> [UInt32] {
    var groups = [gid_t](repeating: 0, count: 32)
    while true {
      var length = socklen_t(groups.count * MemoryLayout<gid_t>.size)
      if getsockopt(raw, SOL_SOCKET, clinux_SO_PEERGROUPS, &groups, &length) == 0 {
        return Array(groups[..<(Int(length) / MemoryLayout<gid_t>.size)])
      }
      let code = errno
      guard code == ERANGE else { throw failure("getsockopt", code, "SO_PEERGROUPS") }
      groups = [gid_t](repeating: 0, count: Int(length) / MemoryLayout<gid_t>.size)
    }
  }
}
