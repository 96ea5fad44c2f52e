// Pins: what a program takes before it hands memory to something that cannot wait for a page fault.

import CoherentWire

extension Buffer {
  /// Makes a range, all of the buffer if none is given, resident and keeps it from moving until the
  /// pin is released or its lease ends.
  ///
  /// `lease` is at most `Client.maximumLease`; zero is the daemon's default. Throws `leaseTooLong`,
  /// `outOfDeviceMemory`, `overLimit` or `timedOut`. One round trip, and the copy if the range was
  /// evicted.
  public func pin(
    range: Range<Int>? = nil, lease: Duration, timeout: Duration = .seconds(10)
  ) throws(CoherentError) -> Pin {
    let handleRange = try handleRange(range)
    let leaseMilliseconds = try session.leaseMilliseconds(lease)
    let timeoutMilliseconds = try session.timeoutMilliseconds(timeout)
    let reply = try session.call(
      .pin(
        handleRange, leaseMilliseconds: leaseMilliseconds,
        timeoutMilliseconds: timeoutMilliseconds),
      timeoutMilliseconds: timeoutMilliseconds)
    guard case .pinned(let pin, let granted, _) = reply else { unreachableReply(reply) }
    return Pin(session: session, id: pin, leaseMilliseconds: granted)
  }

  /// Runs `body` on a range, all of the buffer if none is given, while it is pinned; the pin ends
  /// with it, also when it throws.
  ///
  /// Throws what `pin` throws, or what `body` throws. Whether the lease held to the end is in the
  /// outcome: it cannot be an error, since the body has run.
  public func withPin<Value, Failure: Error>(
    range: Range<Int>? = nil, lease: Duration, timeout: Duration = .seconds(10),
    _ body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Value
  ) throws -> PinOutcome<Value> {
    let pin = try pin(range: range, lease: lease, timeout: timeout)
    let value = try body(UnsafeMutableRawBufferPointer(rebasing: bytes[range ?? 0..<count]))
    do throws(CoherentError) {
      try pin.release()
      return PinOutcome(value: value, leaseHeld: true)
    } catch {
      return PinOutcome(value: value, leaseHeld: false)
    }
  }
}
