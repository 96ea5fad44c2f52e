// Looking at what has arrived before taking it: so that no descriptor is received that nobody asked
// for. A descriptor that was received has to be closed, and its sender decides for how long that
// takes; one that is left in the queue goes with the connection. A message that is taken without
// room for its descriptors has them closed by the kernel, in the call.

import CLinux
import Glibc

/// What stands first in a socket's queue.
package enum Arrival: Equatable, Sendable {
  /// A message, or of a stream some bytes. `truncated`: it is longer than the buffer.
  /// `descriptors`: how many came with it or after it, and were not received.
  case message(bytes: Int, truncated: Bool, descriptors: Int)
  case wouldBlock
  /// The peer is gone, or sent an empty packet without descriptors, which nobody here does.
  case closed
  /// As errno(3).
  case failed(CInt)
}

extension LocalSocket {
  /// Reads what stands first and leaves it there: recvmsg(2), MSG_PEEK.
  package borrowing func look(into bytes: UnsafeMutableRawBufferPointer) -> Arrival {
    var vector = iovec(iov_base: bytes.baseAddress, iov_len: bytes.count)
    var flags: CInt = 0
    let count = withUnsafeMutablePointer(to: &vector) { vector in
      var message = msghdr()
      message.msg_iov = vector
      message.msg_iovlen = 1
      let count = retryingInterrupts {
        recvmsg(raw, &message, CInt(MSG_PEEK) | CInt(MSG_DONTWAIT))
      }
      flags = message.msg_flags
      return count
    }
    if count < 0 {
      switch errno {
      case EAGAIN: return .wouldBlock
      case ECONNRESET, ENOTCONN: return .closed
      case let code:
        invariant(code != EBADF && code != EFAULT, "an open socket is read into own bytes")
        return .failed(code)
      }
    }
    // The kernel says that there were some, and has given none away.
    let carries = flags & CInt(MSG_CTRUNC) != 0
    if count == 0 && !carries && !bytes.isEmpty { return .closed }
    let isTruncated = flags & CInt(MSG_TRUNC) != 0
    guard carries else {
      return .message(bytes: count, truncated: isTruncated, descriptors: 0)
    }
    do throws(SystemError) {
      // Of a packet with more than one, the others would be closed as it is received.
      let waiting = try SocketQueue.descriptors(in: raw)
      return .message(bytes: count, truncated: isTruncated, descriptors: max(waiting, 1))
    } catch {
      return .failed(error.code)
    }
  }

  /// Takes the packet that was looked at, and that came without descriptors: recv(2).
  package borrowing func takePacket() {
    let count = retryingInterrupts { recv(raw, nil, 0, CInt(MSG_DONTWAIT)) }
    invariant(count <= 0, "nothing is read into no room")
  }

  /// Takes the packet that was looked at, and the one descriptor in the queue, which came with it
  /// and is charged to its sender: recvmsg(2). EMFILE if this process may open no more.
  package borrowing func takePacketWithDescriptor(
    _ charge: ClosingCharge
  ) throws(SystemError) -> Descriptor {
    var descriptors: [CInt] = []
    // The kernel takes a message with no room for its bytes, and drops them.
    let none = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    _ = receive(into: none, descriptors: &descriptors)
    invariant(descriptors.count <= 1, "one descriptor lay in the queue")
    guard let number = descriptors.first else {
      throw SystemError(operation: "recvmsg", code: EMFILE, context: "of a descriptor")
    }
    return Descriptor(owning: number, charge: charge)
  }

  /// Takes so many bytes of a stream that were looked at, and came without descriptors; false if
  /// the connection has failed meanwhile.
  package borrowing func takeBytes(_ buffer: UnsafeMutableRawBufferPointer) -> Bool {
    retryingInterrupts { recv(raw, buffer.baseAddress, buffer.count, CInt(MSG_DONTWAIT)) }
      == buffer.count
  }

  /// Reads urgent bytes of a stream in their order: setsockopt(2), SO_OOBINLINE. Without it the
  /// kernel drops an urgent byte that is read over, and closes in that call what came with it.
  package borrowing func receiveUrgentInline() throws(SystemError) {
    let number = raw
    var one: CInt = 1
    try checked("setsockopt", "SO_OOBINLINE") {
      setsockopt(number, SOL_SOCKET, SO_OOBINLINE, &one, socklen_t(MemoryLayout<CInt>.size))
    }
  }
}
