// What signals do to this process, where it is not the kernel's default.

import Glibc

extension Process {
  /// Has a signal do nothing: signal(2).
  package static func ignore(signal: CInt) { setAction(SIG_IGN, ofSignal: signal) }

  /// Has a signal do again what the kernel does by default: signal(2). The Swift runtime takes
  /// those of crashes for its backtraces, and then goes on after one that was sent by somebody.
  package static func restoreDefaultAction(ofSignal signal: CInt) {
    setAction(SIG_DFL, ofSignal: signal)
  }

  /// Ignores SIGXFSZ: the call that made a file larger than may be fails with EFBIG, which has a
  /// sentence, where the signal would end the process without one.
  package static func ignoreFileSizeSignal() { setAction(SIG_IGN, ofSignal: SIGXFSZ) }

  private static func setAction(_ action: __sighandler_t?, ofSignal signal: CInt) {
    let previous = Glibc.signal(signal, action)
    // SAFETY: two function pointers are compared as numbers, neither is called.
    invariant(
      unsafeBitCast(previous, to: Int.self) != unsafeBitCast(SIG_ERR, to: Int.self),
      "signal \(signal) exists")
  }
}
