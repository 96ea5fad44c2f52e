// Messages with descriptors. Sending borrows the descriptors; receiving makes the caller their
// owner, who must adopt or close every one, also of a message that it refuses.

import CLinux
import Glibc

/// How a send ended.
package enum SendOutcome: Equatable, Sendable {
  /// So many bytes; a packet goes whole or not at all.
  case sent(Int)
  /// The peer's queue is full.
  case wouldBlock
  /// The peer is gone.
  case closed
  /// As errno(3): EMSGSIZE for a packet that is too long, ETOOMANYREFS for too many descriptors in
  /// flight.
  case failed(CInt)
}

/// How a receive ended.
package enum ReceiveOutcome: Equatable, Sendable {
  /// A message. `truncated`: it was longer than the buffer, the rest is lost.
  /// `descriptorsTruncated`: it carried more descriptors than are taken, or than this process may
  /// open; the rest is closed.
  case received(bytes: Int, truncated: Bool, descriptorsTruncated: Bool)
  case wouldBlock
  /// The peer is gone, or sent an empty packet without descriptors, which nobody here does.
  case closed
  /// As errno(3).
  case failed(CInt)
}

extension LocalSocket {
  /// The most descriptors that one message carries.
  package static let maximumDescriptors = 4

  /// Sends one message: sendmsg(2), MSG_NOSIGNAL, and MSG_DONTWAIT unless `wait`. The descriptors
  /// stay the caller's.
  package borrowing func send(
    _ bytes: UnsafeRawBufferPointer, descriptors: [CInt] = [], wait: Bool = false
  ) -> SendOutcome {
    send(bytes, descriptors, wait, name: nil, 0)
  }

  /// The same to a receiver that it is not connected to; never waits.
  borrowing func send(
    _ bytes: UnsafeRawBufferPointer, descriptors: [CInt], to destination: SocketAddress
  ) -> SendOutcome {
    destination.with { send(bytes, descriptors, false, name: $0, $1) }
  }

  private borrowing func send(
    _ bytes: UnsafeRawBufferPointer, _ descriptors: [CInt], _ wait: Bool,
    name: UnsafePointer<sockaddr>?, _ nameLength: socklen_t
  ) -> SendOutcome {
    invariant(descriptors.count <= Self.maximumDescriptors, "a message carries few descriptors")
    let flags = CInt(MSG_NOSIGNAL) | (wait ? 0 : CInt(MSG_DONTWAIT))
    let count = withMessage(bytes: UnsafeMutableRawBufferPointer(mutating: bytes)) { message in
      if descriptors.isEmpty {
        message.msg_control = nil
        message.msg_controllen = 0
      } else {
        Self.attach(descriptors, to: &message)
      }
      // The call reads the name and does not keep it.
      message.msg_name = UnsafeMutableRawPointer(mutating: name)
      message.msg_namelen = nameLength
      return retryingInterrupts { sendmsg(raw, &message, flags) }
    }
    if count >= 0 { return .sent(count) }
    switch errno {
    case EAGAIN: return .wouldBlock
    case EPIPE, ECONNRESET, ENOTCONN, ECONNREFUSED: return .closed
    case let code:
      invariant(code != EBADF && code != EFAULT, "open descriptors and own bytes are sent")
      return .failed(code)
    }
  }

  /// Receives one message: recvmsg(2), MSG_CMSG_CLOEXEC, and MSG_DONTWAIT unless `wait`.
  /// Descriptors that came with it are appended to `descriptors`, and are the caller's from then
  /// on.
  package borrowing func receive(
    into bytes: UnsafeMutableRawBufferPointer, descriptors: inout [CInt], wait: Bool = false
  ) -> ReceiveOutcome {
    let flags = CInt(MSG_CMSG_CLOEXEC) | (wait ? 0 : CInt(MSG_DONTWAIT))
    var resultFlags: CInt = 0
    var arrived = 0
    let count = withMessage(bytes: bytes) { message in
      let count = retryingInterrupts { recvmsg(raw, &message, flags) }
      if count >= 0 {
        resultFlags = message.msg_flags
        arrived = Self.detach(from: &message, into: &descriptors)
      }
      return count
    }
    if count < 0 {
      switch errno {
      case EAGAIN: return .wouldBlock
      case ECONNRESET, ENOTCONN: return .closed
      case let code:
        invariant(code != EBADF && code != EFAULT, "an open socket receives into own bytes")
        return .failed(code)
      }
    }
    let descriptorsTruncated = resultFlags & CInt(MSG_CTRUNC) != 0
    if count == 0 && arrived == 0 && !descriptorsTruncated && !bytes.isEmpty { return .closed }
    return .received(
      bytes: count, truncated: resultFlags & CInt(MSG_TRUNC) != 0,
      descriptorsTruncated: descriptorsTruncated)
  }

  /// A message header over one buffer, with room for the control message.
  private borrowing func withMessage(
    bytes: UnsafeMutableRawBufferPointer, _ call: (inout msghdr) -> Int
  ) -> Int {
    var vector = iovec(iov_base: bytes.baseAddress, iov_len: bytes.count)
    let space = clinux_cmsg_space(Self.maximumDescriptors * MemoryLayout<CInt>.size)
    return withUnsafeMutablePointer(to: &vector) { vector in
      withUnsafeTemporaryAllocation(
        byteCount: space, alignment: MemoryLayout<cmsghdr>.alignment
      ) { control in
        var message = msghdr()
        message.msg_iov = vector
        message.msg_iovlen = 1
        message.msg_control = control.baseAddress
        message.msg_controllen = control.count
        return call(&message)
      }
    }
  }

  private static func attach(_ descriptors: [CInt], to message: inout msghdr) {
    let length = descriptors.count * MemoryLayout<CInt>.size
    message.msg_controllen = clinux_cmsg_space(length)
    let header = clinux_cmsg_first(&message)!
    header.pointee.cmsg_level = SOL_SOCKET
    header.pointee.cmsg_type = CInt(SCM_RIGHTS)
    header.pointee.cmsg_len = clinux_cmsg_len(length)
    descriptors.withUnsafeBytes {
      clinux_cmsg_data(header)!.copyMemory(from: $0.baseAddress!, byteCount: length)
    }
  }

  /// Takes every descriptor out of the control messages; the number of those that came.
  private static func detach(from message: inout msghdr, into descriptors: inout [CInt]) -> Int {
    var arrived = 0
    var header = clinux_cmsg_first(&message)
    while let current = header {
      if current.pointee.cmsg_level == SOL_SOCKET
        && current.pointee.cmsg_type == CInt(SCM_RIGHTS)
      {
        let length = current.pointee.cmsg_len - clinux_cmsg_len(0)
        let data = UnsafeRawBufferPointer(start: clinux_cmsg_data(current), count: length)
        for index in 0..<length / MemoryLayout<CInt>.size {
          descriptors.append(
            data.loadUnaligned(fromByteOffset: index * MemoryLayout<CInt>.size, as: CInt.self))
          arrived += 1
        }
      }
      header = clinux_cmsg_next(&message, current)
    }
    return arrived
  }
}
