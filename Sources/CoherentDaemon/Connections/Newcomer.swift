// A connection that has not said hello. It costs a descriptor and nothing else.

import CoherentSystem

final class Newcomer {
  // SAFETY: owned by the control loop; nil once the socket has moved on to its session.
  var socket: LocalSocket?
  let raw: CInt
  let sinceNanoseconds: UInt64

  init(socket: consuming LocalSocket) {
    raw = socket.raw
    self.socket = consume socket
    sinceNanoseconds = Clock.monotonicNanoseconds()
  }
}
