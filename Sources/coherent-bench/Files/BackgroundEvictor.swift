// A thread that orders evictions while others use their memory: of a session picked at random, so
// much as comes, again and again until it is stopped.

import CoherentControl
import CoherentSystem
import Synchronization

final class BackgroundEvictor: Sendable {
  private let controlPath: String
  private let largestBytes: UInt64
  private let stop = Pending()
  private let thread = Mutex<Thread?>(nil)
  private let failure = Mutex<ControlFailure?>(nil)

  private static let longestPauseMilliseconds: UInt64 = 20
  private static let orderMilliseconds: UInt32 = 1000

  /// Each order is for at most `largestBytes`.
  init(controlPath: String, largestBytes: UInt64) throws(SystemError) {
    self.controlPath = controlPath
    self.largestBytes = largestBytes
    let thread = try Thread.start(name: "evictor", stackBytes: 1 << 20) { self.run() }
    self.thread.withLock { $0 = thread }
  }

  /// Ends the thread; throws what ended it before.
  func finish() throws(ControlFailure) {
    stop.finish()
    thread.withLock { $0.take() }?.join()
    if let failure = failure.withLock({ $0 }) { throw failure }
  }

  private func run() {
    var random = SeededGenerator(seed: 4)
    do throws(ControlFailure) {
      var client = try ControlClient(path: controlPath)
      while !stop.wait(milliseconds: .random(in: 0...Self.longestPauseMilliseconds, using: &random))
      {
        try evict(&client, &random)
      }
    } catch {
      failure.withLock { $0 = error }
    }
  }

  private func evict(
    _ client: inout ControlClient, _ random: inout SeededGenerator
  ) throws(ControlFailure) {
    var sessions: [SessionReport] = []
    try client.sessions { sessions += $0.filter { $0.deviceBytes > 0 } }
    guard let session = sessions.randomElement(using: &random) else { return }
    var order = EvictionOrder()
    order.session = session.session
    order.bytes = .random(in: 1...largestBytes, using: &random)
    order.timeoutMilliseconds = Self.orderMilliseconds
    do throws(ControlFailure) {
      _ = try client.evict(order)
    } catch {
      switch error {
      // It ended meanwhile, or its memory is busy: the next one.
      case .call(.control(.noSuchSession)), .call(.control(.timedOut)): return
      default: throw error
      }
    }
  }
}
