// Ctrl-C and its like: a thread waits for the signal, clears up and ends the process. The children
// get the terminal's signal too, so the main thread may see one fail first; before it complains it
// asks here.

import CoherentSystem
import Synchronization

final class Interruption: Sendable {
  private let signals: SignalDescriptor
  private let hasCome = Pending()

  /// With its thread, which is never joined: both live as long as the process.
  private static let current = Mutex<(Interruption, Thread)?>(nil)

  /// A signal to a whole process group arrives everywhere within this.
  private static let settlingMilliseconds: UInt64 = 200

  /// Before any other thread is started, so that all of them leave these signals to this one.
  static func begin() throws(SystemError) {
    let interruption = try Interruption()
    let thread = try Thread.start(name: "interruption") { interruption.wait() }
    current.withLock { $0 = (interruption, thread) }
  }

  /// For a failure that a signal may have caused: if one has come, this does not return, since the
  /// process is about to end with that signal's status.
  static func settle() {
    guard let (interruption, _) = current.withLock({ $0 }),
      interruption.hasCome.wait(milliseconds: settlingMilliseconds)
    else { return }
    while true { _ = Readiness.waitReadable(interruption.signals.raw, timeoutMilliseconds: -1) }
  }

  private init() throws(SystemError) {
    signals = try SignalDescriptor(signals: [Signal.interrupt, Signal.terminate])
  }

  private func wait() {
    _ = Readiness.waitReadable(signals.raw, timeoutMilliseconds: -1)
    let signal = signals.next() ?? Signal.interrupt
    hasCome.finish()
    Leftovers.shared.clear()
    if Terminal.isTerminal(2) { StandardError.write("\n") }
    Process.exitAtOnce(128 + signal)
  }
}
