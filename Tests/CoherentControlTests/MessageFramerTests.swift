// A stream is cut into the same messages whatever pieces it comes in. A framer never holds more
// than one unfinished message and what was read last.

import Testing

@testable import CoherentControl

@Suite struct MessageFramerTests {
  private func all(_ framer: inout MessageFramer) -> [MessageFramer.Outcome] {
    var outcomes: [MessageFramer.Outcome] = []
    while true {
      let outcome = framer.next()
      outcomes.append(outcome)
      guard case .message = outcome else { return outcomes }
    }
  }

  @Test func cutsTheSameMessagesWhateverThePiecesAre() {
    let messages: [[UInt8]] = [[], [1], [2, 3, 4], [], [5, 6], Array(repeating: 9, count: 40)]
    let stream: [UInt8] = messages.flatMap { message -> [UInt8] in message + [0] }
    for piece in 1...stream.count {
      var framer = MessageFramer(maximumBytes: 40)
      var got: [[UInt8]] = []
      for start in stride(from: 0, to: stream.count, by: piece) {
        framer.receive(stream[start..<min(start + piece, stream.count)])
        for case .message(let message) in all(&framer) { got.append(message) }
      }
      #expect(got == messages)
      #expect(framer.heldBytes == 0)
    }
  }

  @Test(arguments: [(39, false), (40, false), (41, true)])
  func refusesExactlyWhatIsLongerThanTheLimit(length: Int, isTooLong: Bool) {
    var finished = MessageFramer(maximumBytes: 40)
    finished.receive(Array(repeating: 7, count: length) + [0])
    #expect((finished.next() == .tooLong) == isTooLong)

    var unfinished = MessageFramer(maximumBytes: 40)
    unfinished.receive(Array(repeating: 7, count: length))
    #expect(unfinished.next() == (isTooLong ? .tooLong : .incomplete))
  }

  @Test func saysAllTheTimeThatItIsTooLong() {
    var framer = MessageFramer(maximumBytes: 4)
    framer.receive([1, 2, 3, 4, 5, 6])
    #expect(framer.next() == .tooLong)
    #expect(framer.next() == .tooLong)
  }

  @Test func neverHoldsMoreThanOneUnfinishedMessageAndOneRead() {
    var framer = MessageFramer(maximumBytes: 100)
    var random = SystemRandomNumberGenerator()
    for _ in 0..<2000 {
      let read = (0..<Int.random(in: 1...50, using: &random)).map { _ in
        UInt8.random(in: 0...20, using: &random)
      }
      framer.receive(read)
      if all(&framer).last == .tooLong { framer = MessageFramer(maximumBytes: 100) }
      #expect(framer.heldBytes <= 150)
    }
  }
}
