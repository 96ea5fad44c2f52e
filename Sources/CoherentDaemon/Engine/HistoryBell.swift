// Rings for whoever reads the history as it grows. An object, because a closure that is read out of
// a mutex comes back wrapped once more each time, until a call of it overflows the stack.

final class HistoryBell: Sendable {
  let ring: @Sendable () -> Void

  init(_ ring: @escaping @Sendable () -> Void) { self.ring = ring }
}
