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

  /// From when on it may be closed for another's sake; nil while the daemon owes it a reply.
  var mayGoAt: UInt64? {
    connection.isWaiting ? nil : lastActive + ControlLimits.graceMilliseconds
  }

  enum Reading: Equatable {
    case goesOn
    case failed
    case violated(ControlConnection.Violation)
  }

  /// Takes one piece of input, if the connection wants some. No method takes descriptors: what
  /// comes with some is not received, and goes with the connection.
  func read(into buffer: inout [UInt8], now: UInt64) -> Reading {
    guard connection.wantsInput else { return .goesOn }
    let isRead = buffer.withUnsafeMutableBytes { bytes -> Reading in
      switch socket.look(into: bytes) {
      case .message(let count, _, 0):
        let part = UnsafeMutableRawBufferPointer(rebasing: bytes[..<count])
        guard socket.takeBytes(part) else { return .failed }
        lastActive = now
        connection.receive(part)
        return .goesOn
      case .message: return .violated(.sentDescriptors)
      case .closed:
        connection.endInput()
        return .goesOn
      case .wouldBlock: return .goesOn
      case .failed: return .failed
      }
    }
    return isRead
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
