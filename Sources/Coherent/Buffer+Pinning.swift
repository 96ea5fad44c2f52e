// Pins: what a program takes before it hands memory to something that cannot wait for a page fault.

import CoherentShared
import CoherentWire

extension Buffer {
  /// Makes a range, all of the buffer if none is given, resident and keeps it from moving until the
  /// pin is released or its lease ends.
  ///
  /// `lease` is at most `Client.maximumLease`; zero is the daemon's default. It is what the caller
  /// needs at least: the daemon may grant more, and takes the memory back no sooner. Throws
  /// `leaseTooLong`, `outOfDeviceMemory`, `overLimit` or `timedOut`.
  ///
  /// A pin of all of the buffer, for no longer than the default lease, is one compare-and-swap
  /// while the daemon lends the buffer out, which it does after the first such pin and until it
  /// needs the memory. Any other pin is one round trip, and the copy if the range was evicted.
  @inlinable @inline(__always)
  public func pin(
    range: Range<Int>? = nil, lease: Duration, timeout: Duration = .seconds(10)
  ) throws(CoherentError) -> Pin {
    if let token = pinFast(range, lease) { return Pin(buffer: self, grant: .fast(token)) }
    return Pin(buffer: self, grant: try grantByAsking(range, lease, timeout))
  }

  /// Pins a range, all of the buffer if none is given, without a deadline: it moves to host memory,
  /// and stays there until the pin is released. Such a pin never holds memory of the device.
  ///
  /// The pointer stays the same; `Pin.movedFrames` says how many frames had to move. Fast pins that
  /// this process has on the buffer end with it, as if their lease had run out. `longTerm: false`
  /// asks for an ordinary pin with the default lease. Throws `timedOut`, naming the holder, if
  /// somebody's short pin does not end in time, `outOfHostMemory`, `overLimit` or `notMigratable`.
  /// One round trip, and the copy.
  public func pin(
    range: Range<Int>? = nil, longTerm: Bool, timeout: Duration = .seconds(10)
  ) throws(CoherentError) -> Pin {
    guard longTerm else { return try pin(range: range, lease: .zero, timeout: timeout) }
    let handleRange = try handleRange(range)
    if session.ownMemory != nil { return Pin(buffer: self, grant: .own) }
    let grant = try ask(handleRange, 0, timeout, isLongTerm: true)
    return Pin(buffer: self, grant: grant)
  }

  /// Runs `body` on a range, all of the buffer if none is given, while it is pinned; the pin ends
  /// with it, also when it throws.
  ///
  /// Throws what `pin` throws, or what `body` throws, and costs what `pin` costs. Whether the lease
  /// held to the end is in the outcome: it cannot be an error, since the body has run.
  @inlinable @inline(__always)
  public func withPin<Value, Failure: Error>(
    range: Range<Int>? = nil, lease: Duration, timeout: Duration = .seconds(10),
    _ body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Value
  ) throws -> PinOutcome<Value> {
    let grant: PinGrant
    if let token = pinFast(range, lease) {
      grant = .fast(token)
    } else {
      grant = try grantByAsking(range, lease, timeout)
    }
    let value: Value
    do throws(Failure) {
      value = try body(range.map { UnsafeMutableRawBufferPointer(rebasing: bytes[$0]) } ?? bytes)
    } catch {
      _ = try? end(grant)
      throw error
    }
    do throws(CoherentError) {
      try end(grant)
      return PinOutcome(value: value, leaseHeld: true)
    } catch {
      return PinOutcome(value: value, leaseHeld: false)
    }
  }

  /// What a pin is granted as, by the daemon.
  @usableFromInline
  func grantByAsking(
    _ range: Range<Int>?, _ lease: Duration, _ timeout: Duration
  ) throws(CoherentError) -> PinGrant {
    let handleRange = try handleRange(range)
    let leaseMilliseconds = try session.leaseMilliseconds(lease)
    if session.ownMemory != nil { return .own }
    return try ask(handleRange, leaseMilliseconds, timeout, isLongTerm: false)
  }

  private func ask(
    _ range: HandleRange, _ leaseMilliseconds: UInt32, _ timeout: Duration, isLongTerm: Bool
  ) throws(CoherentError) -> PinGrant {
    let timeoutMilliseconds = try session.timeoutMilliseconds(timeout)
    let reply = try session.call(
      .pin(
        range, leaseMilliseconds: leaseMilliseconds, timeoutMilliseconds: timeoutMilliseconds,
        isLongTerm: isLongTerm), timeoutMilliseconds: timeoutMilliseconds)
    guard case .pinned(let pin, let granted, let movedFrames) = reply else {
      unreachableReply(reply)
    }
    return isLongTerm
      ? .longTerm(pin.rawValue, movedFrames: movedFrames)
      : .short(pin.rawValue, leaseMilliseconds: granted)
  }
}
