// Commands about memory: to have it, to fill it, to look at it, to say where it should be.

import Coherent

extension CommandLoop {
  func memory(_ verb: String, _ words: inout Words) throws -> String? {
    switch verb {
    case "allocate":
      let buffer = try connected().allocate(
        bytes: try words.number(), priority: UInt8(try words.number()),
        timeout: .milliseconds(try words.number()))
      buffers.append(buffer)
      return "ok \(buffers.count - 1) \(buffer.id) \(UInt(bitPattern: buffer.bytes.baseAddress!))"
    case "allocate-aligned":
      let buffer = try connected().allocate(bytes: 1, alignment: try words.number())
      buffers.append(buffer)
      return "ok \(UInt(bitPattern: buffer.bytes.baseAddress!))"
    case "free":
      try buffer(&words).free()
      return "ok"
    case "fill": return try fill(&words)
    case "verify": return try verify(&words)
    case "verify-zero":
      let bytes = try buffer(&words).bytes
      let place = bytes.firstIndex { $0 != 0 }
      return place.map { "wrong byte \($0)" } ?? "ok"
    case "migrate":
      let buffer = try buffer(&words)
      let target: Buffer.MigrationTarget = try words.text() == "device" ? .device : .host
      let moved = try buffer.migrate(to: target, timeout: .milliseconds(try words.number()))
      return "ok \(moved.movedFrames) \(moved.alreadyFrames)"
    case "advise":
      let buffer = try buffer(&words)
      let advices: [String: Buffer.Advice] = [
        "will-need": .willNeed, "cold": .cold, "discard": .discard,
      ]
      guard let advice = advices[try words.text()] else { throw Misuse("no such advice") }
      return "ok \(try buffer.advise(advice))"
    case "query":
      let buffer = try buffer(&words)
      let places = try buffer.query().map { "\($0.place):\($0.range.count)" }
      return "ok " + places.joined(separator: " ")
    default: return nil
    }
  }

  func buffer(_ words: inout Words) throws -> Buffer {
    let index = try words.number()
    guard buffers.indices.contains(index) else { throw Misuse("no buffer \(index)") }
    return buffers[index]
  }

  private func fill(_ words: inout Words) throws -> String {
    let bytes = try buffer(&words).bytes
    Pattern(seed: UInt64(try words.number())).fill(bytes, 0..<bytes.count / 8)
    return "ok"
  }

  private func verify(_ words: inout Words) throws -> String {
    let bytes = try buffer(&words).bytes
    let pattern = Pattern(seed: UInt64(try words.number()))
    return pattern.fault(in: bytes, 0..<bytes.count / 8) ?? "ok"
  }
}
