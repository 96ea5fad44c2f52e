// Words that are written once and never change, each of which can be computed again.

import Coherent

struct StillWords {
  private let buffers: [Buffer]
  private let key: UInt64

  init(_ buffers: [Buffer], key: UInt64) {
    self.buffers = buffers
    self.key = key
    for (number, buffer) in buffers.enumerated() {
      for offset in stride(from: 0, to: buffer.count, by: 8) {
        buffer.bytes.storeBytes(of: word(number, offset), toByteOffset: offset, as: UInt64.self)
      }
    }
  }

  func wrongWords() -> Int {
    var wrong = 0
    for (number, buffer) in buffers.enumerated() {
      for offset in stride(from: 0, to: buffer.count, by: 8)
      where buffer.bytes.load(fromByteOffset: offset, as: UInt64.self) != word(number, offset) {
        wrong += 1
      }
    }
    return wrong
  }

  private func word(_ number: Int, _ offset: Int) -> UInt64 {
    SeededGenerator.mix(key &+ UInt64(number) << 32 &+ UInt64(offset))
  }
}
