// Bounds on waiting that cost no call of their own: the kernel keeps them with the socket.

import Glibc

extension LocalSocket {
  /// From now on a receive that may wait gives up after this time with `wouldBlock`; 0 is no bound:
  /// setsockopt(2), SO_RCVTIMEO.
  package borrowing func setReceiveTimeout(milliseconds: Int) throws(SystemError) {
    try setTimeout(SO_RCVTIMEO, "SO_RCVTIMEO", milliseconds)
  }

  /// setsockopt(2), SO_SNDTIMEO, which bounds connect(2) too. 0 is no bound.
  borrowing func setSendTimeout(milliseconds: Int) throws(SystemError) {
    try setTimeout(SO_SNDTIMEO, "SO_SNDTIMEO", milliseconds)
  }

  private borrowing func setTimeout(
    _ option: CInt, _ name: StaticString, _ milliseconds: Int
  ) throws(SystemError) {
    var bound = timeval(tv_sec: milliseconds / 1000, tv_usec: milliseconds % 1000 * 1000)
    let number = raw
    try checked("setsockopt", "\(name) of \(milliseconds) ms") {
      setsockopt(number, SOL_SOCKET, option, &bound, socklen_t(MemoryLayout<timeval>.size))
    }
  }
}
