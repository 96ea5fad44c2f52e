// Reading faults. The peer shares the open file and with it the O_NONBLOCK flag, so a plain read
// could be made to hang; the read here never waits, whatever the flag says.

import CLinux
import Glibc

/// What a read of a userfaultfd brought.
package enum FaultReadOutcome: Equatable, Sendable {
  /// So many faults stand at the start of the buffer; so many other events (fork, remap, remove,
  /// unmap) were taken beside them and thrown away. Not both are zero.
  case faults(count: Int, otherEvents: Int)
  /// Nothing to read now.
  case none
  /// It cannot be read any more, as errno(3).
  case failed(CInt)
}

extension Userfault {
  /// The most faults that one call reads.
  package static let maximumFaultsPerRead = 64

  /// Takes faults, at most the buffer's count and `maximumFaultsPerRead`: preadv2(2), RWF_NOWAIT.
  ///
  /// Kernels before 6.10 refuse that flag here. There the descriptor is made non-blocking first; a
  /// peer that clears the flag at that moment could make one read wait until its next fault.
  package borrowing func readFaults(
    into faults: UnsafeMutableBufferPointer<Fault>
  ) -> FaultReadOutcome {
    let capacity = min(faults.count, Self.maximumFaultsPerRead)
    return withUnsafeTemporaryAllocation(of: uffd_msg.self, capacity: capacity) { messages in
      let length = capacity * MemoryLayout<uffd_msg>.stride
      var result = retryingInterrupts { clinux_read_nowait(raw, messages.baseAddress, length) }
      if result < 0 && errno == EOPNOTSUPP {
        result = readAfterSettingNonBlocking(into: messages.baseAddress!, lengthBytes: length)
      }
      if result < 0 {
        let code = errno
        invariant(code != EBADF && code != EFAULT, "a userfaultfd is read into our own buffer")
        return code == EAGAIN ? .none : .failed(code)
      }
      let count = result / MemoryLayout<uffd_msg>.stride
      if count == 0 { return .none }
      return Self.sort(messages[..<count], into: faults)
    }
  }

  /// For kernels without RWF_NOWAIT on userfaultfd: fcntl(2), poll(2), read(2).
  borrowing func readAfterSettingNonBlocking(
    into buffer: UnsafeMutableRawPointer, lengthBytes: Int
  ) -> Int {
    let flags = fcntl(raw, F_GETFL)
    if flags < 0 || fcntl(raw, F_SETFL, flags | O_NONBLOCK) < 0 { return -1 }
    var request = pollfd(fd: raw, events: Int16(POLLIN), revents: 0)
    let ready = retryingInterrupts { poll(&request, 1, 0) }
    if ready == 0 {
      errno = EAGAIN
      return -1
    }
    return ready < 0 ? -1 : retryingInterrupts { read(raw, buffer, lengthBytes) }
  }

  private static func sort(
    _ messages: Slice<UnsafeMutableBufferPointer<uffd_msg>>,
    into faults: UnsafeMutableBufferPointer<Fault>
  ) -> FaultReadOutcome {
    var count = 0
    var otherEvents = 0
    for message in messages {
      switch CInt(message.event) {
      case UFFD_EVENT_PAGEFAULT:
        faults.initializeElement(at: count, to: Fault(message))
        count += 1
      case UFFD_EVENT_FORK:
        // The kernel has opened the child's userfaultfd in this process.
        closeOwned(CInt(message.arg.fork.ufd))
        otherEvents += 1
      default:
        otherEvents += 1
      }
    }
    return .faults(count: count, otherEvents: otherEvents)
  }
}
