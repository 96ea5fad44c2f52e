// Copies frames between an arena and its host store, through a small buffer that stays in the
// cache. Both lie in the session's own file; neither is mapped here, so nothing a client does to
// its memory can fault this thread.

import CoherentSystem

final class FrameCopier {
  private let session: ClientSession
  private let buffer: UnsafeMutableRawBufferPointer

  private static let bufferBytes = 256 << 10

  init(session: ClientSession) {
    self.session = session
    buffer = .allocate(byteCount: Self.bufferBytes, alignment: PageSize.bytes)
  }

  deinit { buffer.deallocate() }

  /// Copies a run of the arena to the same place of the host store.
  func copyOut(_ offsetBytes: UInt64, _ lengthBytes: UInt64) throws(SystemError) {
    try copy(
      from: offsetBytes, to: session.layout.storeOffset(of: offsetBytes), lengthBytes)
  }

  /// Copies a run of the host store into the arena's holes.
  func copyIn(_ offsetBytes: UInt64, _ lengthBytes: UInt64) throws(SystemError) {
    try copy(
      from: session.layout.storeOffset(of: offsetBytes), to: offsetBytes, lengthBytes)
  }

  /// Fills a run of the arena with zeros: allocates what is not there.
  func fillZeros(_ offsetBytes: UInt64, _ lengthBytes: UInt64) throws(SystemError) {
    try session.file.fill(offsetBytes: offsetBytes, lengthBytes: lengthBytes)
  }

  private func copy(
    from source: UInt64, to destination: UInt64, _ lengthBytes: UInt64
  ) throws(SystemError) {
    var done: UInt64 = 0
    while done < lengthBytes {
      let length = Int(min(lengthBytes - done, UInt64(buffer.count)))
      // SAFETY: a slice of our own buffer, no longer than it.
      let part = UnsafeMutableRawBufferPointer(rebasing: buffer[..<length])
      try session.file.read(into: part, offsetBytes: source + done)
      try session.file.write(from: UnsafeRawBufferPointer(part), offsetBytes: destination + done)
      done += UInt64(length)
    }
  }
}
