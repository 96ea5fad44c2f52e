// How a holder that pins again and again is recognised: a pin renews the one before it when it is
// of the same range of the same allocation and comes before that one's lease, and one default lease
// more, is over; whether that one was given back meanwhile does not matter.

/// The last short pin of an allocation that was asked for by a request.
struct PinTrail {
  private var first: UInt32 = 0
  private var count: UInt32 = 0
  private var renewals: UInt32 = 0
  /// Until when a pin of that range renews it.
  private var end = Instant(nanoseconds: 0)

  /// The next pin. Returns how many in a row it renewed. O(1).
  mutating func extend(by range: Range<Int>, _ now: Instant, until end: Instant) -> UInt32 {
    let isRenewal = range.lowerBound == first && range.count == count && now <= self.end
    renewals = isRenewal ? min(renewals, .max - 1) + 1 : 0
    first = UInt32(range.lowerBound)
    count = UInt32(range.count)
    self.end = end
    return renewals
  }
}
