// Signals as something to read, instead of code that interrupts. Made by the main thread before it
// starts others, so that all of them block these signals.

import CLinux
import Glibc

/// An owned signalfd(2), non-blocking.
package struct SignalDescriptor: ~Copyable, Sendable {
  package let descriptor: Descriptor

  /// The number, to wait on: readable while a signal waits.
  package var raw: CInt { descriptor.raw }

  /// Blocks the signals in this thread and those that it starts, and opens the descriptor:
  /// pthread_sigmask(3), signalfd(2).
  package init(signals: [CInt]) throws(SystemError) {
    var set = sigset_t()
    sigemptyset(&set)
    for signal in signals {
      let result = sigaddset(&set, signal)
      invariant(result == 0, "signal \(signal) exists")
    }
    let result = pthread_sigmask(SIG_BLOCK, &set, nil)
    invariant(result == 0, "a valid set of signals is blocked")
    descriptor = Descriptor(
      owning: try checked("signalfd") {
        signalfd(-1, &set, CInt(SFD_CLOEXEC) | CInt(SFD_NONBLOCK))
      })
  }

  /// Takes one signal: read(2). Nil when none waits.
  package borrowing func next() -> CInt? {
    var information = signalfd_siginfo()
    let length = MemoryLayout<signalfd_siginfo>.size
    let result = retryingInterrupts { read(raw, &information, length) }
    if result == length { return CInt(information.ssi_signo) }
    invariant(result < 0 && errno == EAGAIN, "a signalfd gives whole records")
    return nil
  }
}
