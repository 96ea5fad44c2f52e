// Tells one thread of the library that it is not needed any more. Rung once, heard for ever.

import CoherentSystem

final class Bell: Sendable {
  private let counter: EventCounter

  init() throws(SystemError) { counter = try EventCounter() }

  func ring() { counter.signal() }

  /// Waits until it is rung, for at most so long; whether it is.
  func isRung(within milliseconds: Int32 = 0) -> Bool {
    Readiness.waitReadable(counter.raw, timeoutMilliseconds: milliseconds)
  }
}
