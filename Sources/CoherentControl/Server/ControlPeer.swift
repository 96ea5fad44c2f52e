// One accepted connection: its socket, its state machine, and when it was last alive. Owned by the
// loop; closing the socket is forgetting the peer.
import CoherentSystem

final class ControlPeer {
  let socket: LocalSocket
  let credentials: PeerCredentials
  let isStranger: Bool
  /// Tells this connection from others in the same slot, before and after it.
  let token: UInt64
  var connection: ControlConnection
  /// When bytes last moved, in milliseconds of the monotonic clock.
  var lastActive: UInt64
  /// What epoll watches for.
  var watchesInput = true
  var watchesOutput = false

  init(
    _ socket: consuming LocalSocket, _ credentials: PeerCredentials, _ permission: Permission,
    token: UInt64, now: UInt64
  ) {
    self.socket = socket
    self.credentials = credentials
    self.token = token
    isStranger = permission != .administrator
    connection = ControlConnection(permission: permission)
    lastActive = now
  }

  /// When it will have been quiet for too long; nil while the daemon owes it a reply, and of a
  /// follower, who may be as quiet and as slow as it likes.
  var deadline: UInt64? {
    if connection.isWaiting || connection.isFollowing { return nil }
    let bound =
      connection.isIdle ? ControlLimits.idleMilliseconds : ControlLimits.stalledMilliseconds
    return lastActive + bound
  }

  /// Takes one piece of input, if the connection wants some. False when the socket has failed.
  func read(into buffer: inout [UInt8], now: UInt64) -> Bool {
    guard connection.wantsInput else { return true }
    var descriptors: [CInt] = []
    let outcome = buffer.withUnsafeMutableBytes {
      socket.receive(into: $0, descriptors: &descriptors)
    }
    // No method takes descriptors: what came is closed.
    for number in descriptors { _ = Descriptor(owning: number) }
    switch outcome {
    case .received(let bytes, _, _):
      lastActive = now
      connection.receive(buffer[..<bytes])
      return true
    case .closed:
      connection.endInput()
      return true
    case .wouldBlock: return true
    case .failed: return false
    }
  }

  /// Sends what the socket takes. False when nobody reads any more.
  func write(now: UInt64) -> Bool {
    var isOpen = true
    connection.drain { bytes in
      switch socket.send(bytes) {
      case .sent(let count):
        lastActive = now
        return count
      case .wouldBlock: return 0
      case .closed, .failed:
        isOpen = false
        return 0
      }
    }
    return isOpen
  }
}
