// What a peer that follows none of our rules sends.

import CLinux
import Glibc

enum RawMessage {
  /// sendmsg(2) of any bytes with any number of descriptors; its result.
  static func send(
    _ bytes: [UInt8], descriptors: [CInt], on socket: CInt, flags: CInt = 0
  ) -> Int {
    var bytes = bytes
    let length = descriptors.count * MemoryLayout<CInt>.size
    let control = UnsafeMutableRawBufferPointer.allocate(
      byteCount: clinux_cmsg_space(length), alignment: 16)
    defer { control.deallocate() }
    return bytes.withUnsafeMutableBytes { bytes in
      var vector = iovec(iov_base: bytes.baseAddress, iov_len: bytes.count)
      return withUnsafeMutablePointer(to: &vector) { vector in
        var message = msghdr()
        message.msg_iov = vector
        message.msg_iovlen = 1
        message.msg_control = control.baseAddress
        message.msg_controllen = control.count
        let header = clinux_cmsg_first(&message)!
        header.pointee.cmsg_level = SOL_SOCKET
        header.pointee.cmsg_type = CInt(SCM_RIGHTS)
        header.pointee.cmsg_len = clinux_cmsg_len(length)
        descriptors.withUnsafeBytes {
          clinux_cmsg_data(header)!.copyMemory(from: $0.baseAddress!, byteCount: length)
        }
        return sendmsg(socket, &message, flags)
      }
    }
  }
}
