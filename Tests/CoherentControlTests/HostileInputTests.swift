// Whatever bytes a caller sends, it gets an answer or loses its connection. They may never trap,
// exhaust a stack, or make the server hold more than its limits say.

import Testing

@testable import CoherentControl

@Suite struct HostileInputTests {
  @Test(arguments: [
    "", " ", "null", "[]", "7", "\"x\"", "{", "{}", "}{", #"{"method":7}"#, #"{"method":null}"#,
    #"{"method":["a"]}"#, #"{"parameters":{}}"#, #"{"method":"a.b.C","more":"yes"}"#,
    #"{"method":"a.b.C","more":true,"oneway":true}"#,
    #"{"method":"a.b.C","upgrade":true,"oneway":true}"#, "\u{FEFF}",
    #"{"method":"a.b.C"}{"method":"a.b.C"}"#,
  ])
  func endsTheConnectionOnWhatIsNoCall(text: String) {
    var talk = Conversation()
    talk.call(text)
    #expect(talk.ending == .notACall)
    #expect(talk.replies.isEmpty)
  }

  @Test func survivesTextThatIsNoUnicode() {
    for bytes: [UInt8] in [
      [0xFF], [0xC0, 0x80], Array(#"{"method":""#.utf8) + [0xED, 0xA0, 0x80],
    ] {
      var talk = Conversation()
      talk.send(bytes + [0])
      #expect(talk.ending == .notACall)
    }
  }

  @Test(arguments: ["[", "{\"a\":", "{\"method\":\"a.b.C\",\"parameters\":[[", "[{\"a\":"])
  func refusesDeepNestingWithoutRecursion(opening: String) {
    var talk = Conversation()
    talk.call(String(repeating: opening, count: 10_000))
    #expect(talk.isClosed)
  }

  @Test func refusesACallThatNestsDeepInsideItsParameters() {
    let depth = 10_000
    let nested = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    var talk = Conversation()
    talk.call(callText("GetStatus", nested))
    #expect(talk.ending == .notACall)
  }

  @Test func aFloodOfNULsEndsAtTheFirst() {
    var talk = Conversation()
    talk.send(Array(repeating: 0, count: ControlLimits.readBytes))
    #expect(talk.ending == .notACall)
  }

  @Test(arguments: [-1, 0, 1])
  func takesCallsUpToTheLimitAndNoLonger(excess: Int) {
    let bare = callText("GetStatus", flags: #","pad":"""#)
    let padding = ControlLimits.callBytes - bare.utf8.count + excess
    let text = callText(
      "GetStatus", flags: #","pad":"\#(String(repeating: "x", count: padding))""#)
    #expect(text.utf8.count == ControlLimits.callBytes + excess)
    var talk = Conversation()
    talk.call(text)
    #expect(talk.ending == (excess > 0 ? .callTooLong : nil))
    #expect(talk.replies.count == (excess > 0 ? 0 : 1))
  }

  @Test func anEndlessCallEndsTheConnectionAtItsLimit() {
    var talk = Conversation()
    var sent = 0
    while !talk.isClosed {
      talk.send(Array(repeating: UInt8(ascii: "x"), count: 1000))
      sent += 1000
    }
    #expect(talk.ending == .callTooLong)
    #expect(sent <= ControlLimits.callBytes + 1000)
  }

  @Test func aSlowReaderIsNeitherReadFromNorAnsweredAhead() {
    let source = SampleSource(allocations: 100_000)
    var talk = Conversation(source)
    talk.connection.receive(
      Array(
        (callText("ListAllocations", flags: #","more":true"#) + "\0" + callText("GetStatus") + "\0")
          .utf8))
    while case .again = talk.connection.advance(talk.context) {}
    // Nothing is read; so nothing more is made, however often the server comes by.
    let pages = source.held.withLock { $0.pagesAsked }
    for _ in 0..<100 { _ = talk.connection.advance(talk.context) }
    #expect(source.held.withLock { $0.pagesAsked } == pages)
    #expect(talk.connection.unsentBytes < 2 * ControlLimits.outputBytes)
    #expect(!talk.connection.wantsInput)
    // It reads a few bytes at a time, and still gets everything.
    var most = 0
    while talk.replies.count < 2 || !talk.connection.isIdle {
      _ = talk.connection.advance(talk.context)
      most = max(most, talk.connection.unsentBytes)
      talk.take(4093)
    }
    #expect(most < 2 * ControlLimits.outputBytes)
    #expect(talk.replies.compactMap { ReplyMessage($0) }.filter { !$0.continues }.count == 2)
  }

  @Test func oneTurnIsBounded() {
    var talk = Conversation()
    talk.connection.receive(
      Array(String(repeating: #"{"method":"a.b.C"}"# + "\0", count: 100).utf8))
    var turns = 1
    while case .again = talk.connection.advance(talk.context) { turns += 1 }
    talk.take(.max)
    #expect(talk.replies.count == 100)
    #expect(turns == 100 / ControlLimits.stepsPerTurn + 1)
  }

  @Test func mutatedCallsNeverTrapAndNeverGrowTheOutput() {
    let seeds = [
      callText("GetStatus"), callText("Evict", #"{"session":1,"allocation":"2","bytes":3}"#),
      callText("Migrate", #"{"session":1,"allocation":"2","target":"host","timeout_ms":9}"#),
      callText("ListAllocations", #"{"session":null}"#, flags: #","more":true"#),
      #"{"method":"org.varlink.service.GetInterfaceDescription","parameters":{"interface":"x"}}"#,
    ].map { Array($0.utf8) + [0] }
    let alphabet = Array("{}[]\",:\\u0019eE+-.truefalsn \0\u{1}é".utf8) + [0xFF, 0x80]
    var random = SystemRandomNumberGenerator()
    for round in 0..<5000 {
      var talk = Conversation()
      var bytes = seeds[round % seeds.count]
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        let index = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: bytes[index] = alphabet.randomElement(using: &random)!
        case 1: bytes.insert(alphabet.randomElement(using: &random)!, at: index)
        default: if bytes.count > 1 { bytes.remove(at: index) }
        }
      }
      talk.send(bytes)
      #expect(talk.replies.allSatisfy { ReplyMessage($0) != nil })
    }
  }
}
