// A session's memory file, as the session's own threads see it. Its client can write to it and so
// keep its lock: by a write whose source is not there, by many threads, for as long as it likes. A
// thread that calls on the file waits for that, and cannot be ended meanwhile.
//
// What may never happen: such a call on a thread that anybody else waits for. So each one wants the
// heartbeat of a thread of the session, which alone may be held up, and which has its bound there.

import CoherentShared
import CoherentSystem

final class ClientFile: Sendable {
  private let file: MemoryFile

  init(_ file: consuming MemoryFile) { self.file = file }

  var sizeBytes: UInt64 { file.sizeBytes }

  /// The number, to be sent and to be stored; no calls on it.
  var raw: CInt { file.raw }

  /// fstat(2), which takes no lock of a memory file.
  func inode() throws(SystemError) -> UInt64 { try file.descriptor.inode() }

  /// What the kernel counts of it, by the same call.
  func committedBytes() throws(SystemError) -> UInt64 { try file.committedBytes() }

  /// The control words, mapped when the session is adopted: mmap(2) does not take the file's lock.
  func mapWords(_ layout: SessionFileLayout) throws(SystemError) -> Mapping {
    try Self.mapWords(file, layout)
  }

  static func mapWords(
    _ file: borrowing MemoryFile, _ layout: SessionFileLayout
  ) throws(SystemError) -> Mapping {
    try Mapping(
      file: file, offsetBytes: layout.controlOffset, lengthBytes: Int(layout.controlBytes),
      writable: true)
  }

  // MARK: calls that the client can hold up

  func fill(
    offsetBytes: UInt64, lengthBytes: UInt64, _ thread: Heartbeat
  ) throws(SystemError) {
    try thread.amongClient { () throws(SystemError) in
      try file.fill(offsetBytes: offsetBytes, lengthBytes: lengthBytes)
    }
  }

  func punch(
    offsetBytes: UInt64, lengthBytes: UInt64, _ thread: Heartbeat
  ) throws(SystemError) {
    try thread.amongClient { () throws(SystemError) in
      try file.punch(offsetBytes: offsetBytes, lengthBytes: lengthBytes)
    }
  }

  func read(
    into buffer: UnsafeMutableRawBufferPointer, offsetBytes: UInt64, _ thread: Heartbeat
  ) throws(SystemError) {
    try thread.amongClient { () throws(SystemError) in
      try file.read(into: buffer, offsetBytes: offsetBytes)
    }
  }

  func write(
    from buffer: UnsafeRawBufferPointer, offsetBytes: UInt64, _ thread: Heartbeat
  ) throws(SystemError) {
    try thread.amongClient { () throws(SystemError) in
      try file.write(from: buffer, offsetBytes: offsetBytes)
    }
  }

  func map(
    offsetBytes: UInt64, lengthBytes: UInt64, _ thread: Heartbeat
  ) throws(SystemError) -> Mapping {
    try thread.amongClient { () throws(SystemError) in
      try Mapping(
        file: file, offsetBytes: offsetBytes, lengthBytes: Int(lengthBytes), writable: true)
    }
  }

  /// The ranges between two offsets that hold data.
  func dataRanges(
    from startBytes: UInt64, to endBytes: UInt64, _ thread: Heartbeat
  ) throws(SystemError) -> [Range<UInt64>] {
    try thread.amongClient { () throws(SystemError) in
      try file.dataRanges(from: startBytes, to: endBytes)
    }
  }

  /// Counts where the pages of a range lie.
  func count(
    _ locator: borrowing PageLocator, offsetBytes: UInt64, lengthBytes: UInt64,
    _ thread: Heartbeat
  ) throws(SystemError) -> PagePlacement {
    try thread.amongClient { () throws(SystemError) in
      try locator.count(file, offsetBytes: offsetBytes, lengthBytes: lengthBytes)
    }
  }
}
