// Copies frames between an arena and its host store. Both lie in the session's own file.
//
// The host store is mapped here, so that a copy needs no buffer between: bringing back writes the
// file from the mapping, evicting reads the file into it, where the store has memory already (the
// first time it is cheaper to write the file than to fault pages in). The kernel does every access
// to the mapping, inside read and write, so whatever a client does to its file ends in an error
// number, never in a signal. Where no address range is left for the mapping, a buffer serves.
//
// A page of 4 KiB is seen by others before or after it is written into a hole, never torn. A huge
// page is in the file as a whole, and zero, before all of it is written: who read the file would
// see that. A client's access does not, since what is in the file and not mapped yet is a fault
// that comes to the pager, and the core says of a frame that is being filled that it is to be
// waited for.

import CoherentShared
import CoherentSystem

final class FrameCopier {
  private let session: ClientSession
  private let thread: Heartbeat
  private var store: StoreMapping?
  private let buffer: UnsafeMutableRawBufferPointer
  /// One bit for each frame that has memory in the host store. Grows with the arena's use.
  private var present: [UInt64] = []
  private let frameBytes: UInt64

  private static let bufferBytes = 256 << 10

  /// `thread` is the pager's, which alone calls what follows.
  init(session: ClientSession, _ thread: Heartbeat) {
    self.session = session
    self.thread = thread
    frameBytes = session.performer.frameBytes
    buffer = .allocate(byteCount: Self.bufferBytes, alignment: PageSize.bytes)
  }

  deinit { buffer.deallocate() }

  /// Maps the host store, if there is an address range for it.
  func mapStore() { store = try? StoreMapping(session, thread) }

  /// Copies a run of the arena to the same place of the host store.
  func copyOut(_ offsetBytes: UInt64, _ lengthBytes: UInt64) throws(SystemError) {
    if let slice = mapped(offsetBytes, lengthBytes), hasCopies(offsetBytes, lengthBytes) {
      try session.memory.file.read(into: slice, offsetBytes: offsetBytes, thread)
      return
    }
    let destination = session.layout.storeOffset(of: offsetBytes)
    try copy(from: offsetBytes, to: destination, lengthBytes)
    mark(offsetBytes, lengthBytes, isPresent: true)
  }

  /// Copies a run of the host store into the arena's holes.
  func copyIn(_ offsetBytes: UInt64, _ lengthBytes: UInt64) throws(SystemError) {
    if let slice = mapped(offsetBytes, lengthBytes) {
      do throws(SystemError) {
        try session.memory.file.write(
          from: UnsafeRawBufferPointer(slice), offsetBytes: offsetBytes, thread)
        return
      } catch {
        // No memory, or broken memory: a read says which.
        guard error.isBadAddress else { throw error }
      }
    }
    try copy(from: session.layout.storeOffset(of: offsetBytes), to: offsetBytes, lengthBytes)
  }

  /// Fills a run of the arena with zeros: allocates what is not there.
  func fillZeros(_ offsetBytes: UInt64, _ lengthBytes: UInt64) throws(SystemError) {
    try session.memory.file.fill(
      offsetBytes: offsetBytes, lengthBytes: lengthBytes, thread)
  }

  /// The host store's memory of a run was given back.
  func forgetCopies(_ offsetBytes: UInt64, _ lengthBytes: UInt64) {
    mark(offsetBytes, lengthBytes, isPresent: false)
  }

  // MARK: the mapping

  private func mapped(
    _ offsetBytes: UInt64, _ lengthBytes: UInt64
  ) -> UnsafeMutableRawBufferPointer? {
    guard let bytes = store?.mapping.bytes else { return nil }
    // SAFETY: the core hands out runs inside the arena only, and the mapping is as long.
    invariant(
      offsetBytes + lengthBytes <= UInt64(bytes.count), "a run lies inside its arena")
    return UnsafeMutableRawBufferPointer(
      rebasing: bytes[Int(offsetBytes)..<Int(offsetBytes + lengthBytes)])
  }

  private func frames(_ offsetBytes: UInt64, _ lengthBytes: UInt64) -> Range<Int> {
    Int(offsetBytes / frameBytes)..<Int((offsetBytes + lengthBytes) / frameBytes)
  }

  private func hasCopies(_ offsetBytes: UInt64, _ lengthBytes: UInt64) -> Bool {
    frames(offsetBytes, lengthBytes).allSatisfy { frame in
      frame >> 6 < present.count && present[frame >> 6] & (1 << UInt64(frame & 63)) != 0
    }
  }

  private func mark(_ offsetBytes: UInt64, _ lengthBytes: UInt64, isPresent: Bool) {
    for frame in frames(offsetBytes, lengthBytes) {
      while present.count <= frame >> 6 { present.append(0) }
      let bit = UInt64(1) << UInt64(frame & 63)
      if isPresent { present[frame >> 6] |= bit } else { present[frame >> 6] &= ~bit }
    }
  }

  // MARK: the buffer

  private func copy(
    from source: UInt64, to destination: UInt64, _ lengthBytes: UInt64
  ) throws(SystemError) {
    var done: UInt64 = 0
    while done < lengthBytes {
      let length = Int(min(lengthBytes - done, UInt64(buffer.count)))
      // SAFETY: a slice of our own buffer, no longer than it.
      let part = UnsafeMutableRawBufferPointer(rebasing: buffer[..<length])
      try session.memory.file.read(into: part, offsetBytes: source + done, thread)
      try session.memory.file.write(
        from: UnsafeRawBufferPointer(part), offsetBytes: destination + done, thread)
      done += UInt64(length)
    }
  }
}

/// A session's host store, mapped for as long as its pager lives.
private final class StoreMapping {
  let mapping: Mapping

  init(_ session: ClientSession, _ thread: Heartbeat) throws(SystemError) {
    mapping = try session.memory.file.map(
      offsetBytes: session.layout.storeOffset(of: 0), lengthBytes: session.layout.arenaBytes,
      thread)
  }
}
