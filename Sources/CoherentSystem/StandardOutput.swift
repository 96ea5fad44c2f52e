// The program's results. A reader that went away is not an error of the program.

import Glibc

/// Descriptor 1.
package enum StandardOutput {
  package static let raw = STDOUT_FILENO

  /// Writes a text: write(2). False when nobody reads any more, or the disk is full.
  @discardableResult
  package static func write(_ text: String) -> Bool {
    StandardStream.write(text, to: STDOUT_FILENO)
  }

  /// Writes a text that was all that was asked for: write(2). Throws why it cannot be written, also
  /// where nobody reads any more (EPIPE); the signal of that, SIGPIPE, is ignored from then on.
  package static func deliver(_ text: String) throws(SystemError) {
    _ = signal(SIGPIPE, SIG_IGN)
    guard !StandardStream.write(text, to: STDOUT_FILENO) else { return }
    throw SystemError(operation: "write", code: errno, context: "to standard output")
  }
}

/// Whole texts to one of the three streams that a program starts with.
enum StandardStream {
  static func write(_ text: String, to number: CInt) -> Bool {
    var text = text
    return text.withUTF8 { bytes in
      var done = 0
      while done < bytes.count {
        let count = retryingInterrupts {
          Glibc.write(number, bytes.baseAddress! + done, bytes.count - done)
        }
        if count < 0 && errno == EAGAIN {
          // A terminal that another program made non-blocking: wait for room.
          _ = Readiness.wait(number, events: CInt(POLLOUT), timeoutMilliseconds: -1)
          continue
        }
        if count < 0 { return false }
        done += count
      }
      return true
    }
  }

  /// The same for at most so long. What is written at once is as little as a pipe takes whole, so
  /// that a write after a look does not wait, unless another process was faster.
  static func write(_ text: String, to number: CInt, milliseconds: Int32) -> Bool {
    let deadline = Clock.monotonicNanoseconds() + UInt64(milliseconds) * 1_000_000
    var text = text
    return text.withUTF8 { bytes in
      var done = 0
      while done < bytes.count {
        let now = Clock.monotonicNanoseconds()
        let rest = now < deadline ? Int32((deadline - now) / 1_000_000) : 0
        guard Readiness.wait(number, events: CInt(POLLOUT), timeoutMilliseconds: rest) else {
          return false
        }
        let count = retryingInterrupts {
          Glibc.write(number, bytes.baseAddress! + done, min(bytes.count - done, Int(PIPE_BUF)))
        }
        if count < 0 && (errno != EAGAIN || now >= deadline) { return false }
        done += max(count, 0)
      }
      return true
    }
  }
}
