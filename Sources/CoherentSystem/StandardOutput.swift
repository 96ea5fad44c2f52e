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
}
