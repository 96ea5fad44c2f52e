// A pin that a command took and another one gives back.

import Coherent
import Synchronization

final class HeldPin: Sendable {
  private let pin: Mutex<Pin?>
  let isFast: Bool

  init(_ pin: consuming Pin) {
    isFast = pin.isFast
    self.pin = Mutex(pin)
  }

  func release() throws {
    guard let pin = taken() else { throw Misuse("the pin was released before") }
    try pin.release()
  }

  /// As `release`, for whoever knows that it is held.
  func end() throws(CoherentError) { try taken()?.release() }

  private func taken() -> Pin? {
    pin.withLock { $0.take() }
  }
}
