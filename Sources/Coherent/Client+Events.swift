// What the daemon tells a program unasked. The library calls nobody from a thread of its own:
// events are taken by whoever wants them, and kept until then, within a bound.

import CoherentSystem
import CoherentWire

extension Client {
  /// Something that happened to this client without its doing. More kinds will follow.
  public enum Event: Equatable, Sendable {
    /// The lease of so many pins of a buffer ran out while they were held, and they are gone. The
    /// buffer is given by its `id`; its pointer is good as ever.
    case leaseRevoked(buffer: UInt64, pins: Int)
    /// The client's memory file holds so many bytes that no buffer accounts for, since somebody
    /// wrote past the library. Above the limit, the daemon ends the session at its next look.
    case memoryUnaccounted(bytes: UInt64, limitBytes: UInt64)
  }

  /// Takes the oldest event; waits for one if there is none, and returns nil when none has come in
  /// time. A timeout of zero only looks.
  ///
  /// Any thread may wait here while others use the client: one that wants to hear of revocations at
  /// once waits in a loop until this throws. Events that came while other calls read from the
  /// daemon are kept for this, 256 of them, and those that find no room are counted in
  /// `droppedEvents`. A program that never asks loses nothing else by it.
  ///
  /// Throws `notConnected` when the connection has ended and the last event was taken.
  public func nextEvent(timeout: Duration) throws(CoherentError) -> Event? {
    let event: CoherentWire.Event?
    do throws(Refusal) {
      let connection = session.connection
      event = try Thread.withoutCancellation { () throws(Refusal) -> CoherentWire.Event? in
        try connection.nextEvent(timeoutMilliseconds: timeout.wholeMilliseconds)
      }
    } catch {
      throw CoherentError(error)
    }
    switch event {
    case .leaseRevoked(let handle, _, let pins):
      return .leaseRevoked(buffer: handle.rawValue, pins: Int(pins))
    case .memoryUnaccounted(let bytes, let limitBytes):
      return .memoryUnaccounted(bytes: bytes, limitBytes: limitBytes)
    case .recovered, nil: return nil
    }
  }

  /// How many events found no room here. The daemon, too, drops what it cannot send because nobody
  /// reads; those are in no count.
  public var droppedEvents: Int { session.connection.droppedEvents }
}
