// Commands about pins.

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
      let granted = pin.lease.components
      pins.append(HeldPin(pin))
      let milliseconds = granted.seconds * 1000 + granted.attoseconds / 1_000_000_000_000_000
      return "ok \(pins.count - 1) \(milliseconds)"
    case "unpin":
      let index = try words.number()
      guard pins.indices.contains(index) else { throw Misuse("no pin \(index)") }
      try pins[index].release()
      return "ok"
    default: return nil
    }
  }
}
