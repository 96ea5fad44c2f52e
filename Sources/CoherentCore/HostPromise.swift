// How much room in the host is promised to what may leave the device, and how much may be.

package struct HostPromise: Equatable, Sendable {
  /// What may be promised in all, and what is.
  package var promisableFrames = 0
  package var reservedFrames = 0
  /// Whether memory allows less than the limit.
  package var isBoundByMemory = false
}
