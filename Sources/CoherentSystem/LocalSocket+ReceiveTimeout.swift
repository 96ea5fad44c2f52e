// A bound on receiving that costs no call of its own: the kernel keeps it with the socket.

import Glibc

extension LocalSocket {
  /// From now on a receive that may wait gives up after this time with `wouldBlock`; 0 is no bound:
  /// setsockopt(2), SO_RCVTIMEO.
  package borrowing func setReceiveTimeout(milliseconds: Int) throws(SystemError) {
    var bound = timeval(tv_sec: milliseconds / 1000, tv_usec: milliseconds % 1000 * 1000)
    let number = raw
    try checked("setsockopt", "SO_RCVTIMEO of \(milliseconds) ms") {
      setsockopt(
        number, SOL_SOCKET, SO_RCVTIMEO, &bound, socklen_t(MemoryLayout<timeval>.size))
    }
  }
}
