// What a scoped pin leaves behind.

/// The value of the body, and whether the pin held for all of it.
public struct PinOutcome<Value> {
  public let value: Value
  /// Whether the lease held to the end of the body. If not, the memory may have moved under it: its
  /// contents are right all the same, but I/O that needed it to stay may have seen an old copy.
  public let leaseHeld: Bool

  @inlinable
  init(value: Value, leaseHeld: Bool) {
    self.value = value
    self.leaseHeld = leaseHeld
  }
}

extension PinOutcome: Sendable where Value: Sendable {}
