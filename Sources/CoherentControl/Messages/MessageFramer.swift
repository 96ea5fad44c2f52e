// Cuts the bytes of a stream into messages: a message ends with a NUL byte. Owned by one
// connection. It holds at most one unfinished message of `maximumBytes` and what one `receive`
// brought; a peer that sends more without a NUL is told off, never buffered.

package struct MessageFramer {
  package enum Outcome: Equatable {
    /// The next message, without its NUL.
    case message([UInt8])
    /// No whole message is there; more bytes are needed.
    case incomplete
    /// The message under way is longer than is allowed. Nothing follows.
    case tooLong
  }

  private let maximumBytes: Int
  private var buffer: [UInt8] = []
  /// Where the next message begins.
  private var start = 0
  /// Up to here there is no NUL after `start`; so no byte is searched twice.
  private var searched = 0

  package init(maximumBytes: Int) {
    self.maximumBytes = maximumBytes
  }

  /// Bytes that are held, finished messages included.
  package var heldBytes: Int { buffer.count - start }

  package mutating func receive(_ bytes: some Collection<UInt8>) {
    if start > 0 {
      buffer.removeSubrange(..<start)
      searched -= start
      start = 0
    }
    buffer.append(contentsOf: bytes)
  }

  /// Takes the next message out. O(length of the message).
  package mutating func next() -> Outcome {
    guard let end = buffer[searched...].firstIndex(of: 0) else {
      searched = buffer.count
      return heldBytes > maximumBytes ? .tooLong : .incomplete
    }
    guard end - start <= maximumBytes else { return .tooLong }
    let message = Array(buffer[start..<end])
    start = end + 1
    searched = start
    return .message(message)
  }
}
