// Commands by which a client takes pins, holds them and gives them back. A pin is kept by its
// number until a command ends it, or the process does.

import Coherent

extension CommandLoop {
  func pinning(_ verb: String, _ words: inout Words) throws -> String? {
    switch verb {
    case "pin":
      let buffer = try buffer(&words)
      let first = try words.number()
      let range = first..<first + (try words.number())
      let lease = Duration.milliseconds(try words.number())
      let pin = try buffer.pin(
        range: range, lease: lease, timeout: .milliseconds(try words.number()))
      return hold(pin)
    case "pin-long":
      let buffer = try buffer(&words)
      let first = try words.number()
      let range = first..<first + (try words.number())
      return hold(
        try buffer.pin(range: range, longTerm: true, timeout: .milliseconds(try words.number())))
    case "pin-often":
      // All buffers, so many times each, all of them held; the first pin of each is asked for.
      let times = try words.number()
      for buffer in buffers {
        try buffer.pin(lease: .zero).release()
        for _ in 0..<times { _ = hold(try buffer.pin(lease: .zero)) }
      }
      return "ok \(pins.count { $0.isFast })"
    case "event":
      let timeout = Duration.milliseconds(try words.number())
      switch try connected().nextEvent(timeout: timeout) {
      case .leaseRevoked(let buffer, let pins): return "ok \(buffer) \(pins)"
      case .memoryUnaccounted(let bytes, let limit): return "ok unaccounted \(bytes) \(limit)"
      case nil: return "ok none"
      }
    case "unpin":
      let index = try words.number()
      guard pins.indices.contains(index) else { throw Misuse("no pin \(index)") }
      try pins[index].release()
      return "ok"
    default: return nil
    }
  }

  /// Keeps a pin; its number, how long its lease is in milliseconds (0: it has none), whether it
  /// was taken without a message (1), and how many frames had to move for it.
  private func hold(_ pin: consuming Pin) -> String {
    let lease = (pin.lease ?? .zero).components
    let milliseconds = lease.seconds * 1000 + lease.attoseconds / 1_000_000_000_000_000
    let (isFast, movedFrames) = (pin.isFast, pin.movedFrames)
    pins.append(HeldPin(pin))
    return "ok \(pins.count - 1) \(milliseconds) \(isFast ? 1 : 0) \(movedFrames)"
  }
}
