// One allocation. Its pointer is good from the day it is made to the day it is freed, wherever the
// daemon keeps the bytes meanwhile. Nothing here touches those bytes.

import CoherentShared
import CoherentSystem
import CoherentWire
import Synchronization

/// Memory allocated by a `Client`: a pointer that is always valid, at a fixed address.
///
/// It is freed by `free()` or with its client, not when the last reference to it goes: a program
/// may keep the pointer alone. A buffer keeps its client's connection alive.
public final class Buffer: @unchecked Sendable {
  // SAFETY: everything is constant but `isFreed`, which is atomic. What the bytes hold, the program
  // orders between its threads as with any other memory.
  /// The memory, as long as was asked for.
  public let bytes: UnsafeMutableRawBufferPointer
  /// The handle, as coherentctl shows it.
  public let id: UInt64

  @usableFromInline let session: Session
  /// Its control word, which the session keeps.
  @usableFromInline let word: ControlWordPlace
  @usableFromInline let isFreed = Atomic<Bool>(false)

  init(session: Session, handle: HandleID, bytes: UnsafeMutableRawBufferPointer) {
    self.session = session
    self.id = handle.rawValue
    self.word = session.words.place(slot: handle.controlSlot)
    self.bytes = bytes
    session.countAllocation()
  }

  /// The number of bytes.
  @inlinable
  public var count: Int { bytes.count }

  /// Gives the memory back; its pins end with it. An access afterwards gets SIGBUS.
  ///
  /// Throws `invalidRange` if it was freed before, `notConnected` if all was freed with the
  /// connection, or if the daemon went this moment: then again later. One round trip; none for
  /// memory whose daemon has gone.
  public func free() throws(CoherentError) {
    // Relaxed: the flag guards nothing but itself; the daemon orders what follows.
    guard !isFreed.exchange(true, ordering: .relaxed) else {
      throw CoherentError(.invalidRange, .alreadyEnded)
    }
    do throws(CoherentError) {
      if let arena = session.ownMemory {
        try Thread.withoutCancellation { () throws(CoherentError) in try freeOwn(arena) }
      } else {
        let reply = try session.call(.free(handle))
        guard case .freed = reply else { unreachableReply(reply) }
      }
    } catch {
      // Without a daemon nothing was freed; once the memory is this process's own it can be.
      if error.reason == .notConnected { isFreed.store(false, ordering: .relaxed) }
      throw error
    }
    session.countFree()
  }

  private func freeOwn(_ arena: Arena) throws(CoherentError) {
    let frames = (count + arena.frameBytes - 1) / arena.frameBytes
    do throws(SystemError) {
      try arena.giveBack(
        offsetBytes: bytes.baseAddress! - arena.base, lengthBytes: frames * arena.frameBytes)
    } catch {
      throw CoherentError(Refusal(local: error, else: .outOfHostMemory, .localMappingFailed))
    }
  }

  var handle: HandleID { HandleID(rawValue: id) }

  /// The range as the protocol names it; all of the buffer if there is none. Throws what the daemon
  /// would refuse.
  func handleRange(_ range: Range<Int>?) throws(CoherentError) -> HandleRange {
    if isFreed.load(ordering: .relaxed) { throw CoherentError(.invalidRange, .alreadyEnded) }
    let range = range ?? 0..<count
    guard !range.isEmpty else { throw CoherentError(.invalidRange, .zeroLength) }
    guard range.lowerBound >= 0 else {
      throw CoherentError(
        .invalidRange, .beforeTheStart, asked: UInt64(range.lowerBound.magnitude))
    }
    guard range.upperBound <= count else {
      throw CoherentError(
        Refusal(
          .invalidRange, .pastTheEnd, asked: UInt64(range.upperBound), limit: UInt64(count)))
    }
    return HandleRange(
      handle: handle, offsetBytes: UInt64(range.lowerBound), lengthBytes: UInt64(range.count))
  }
}

extension HandleID {
  /// Where the control word of this allocation stands.
  var controlSlot: ControlSlot { ControlSlot(rawValue: UInt32(truncatingIfNeeded: rawValue)) }
}
