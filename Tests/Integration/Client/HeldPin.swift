// A pin that a command took and another one gives back.

import Coherent

final class HeldPin {
  private var pin: Pin?

  init(_ pin: consuming Pin) { self.pin = consume pin }

  func release() throws {
    guard let pin = pin.take() else { throw Misuse("the pin was released before") }
    try pin.release()
  }
}
