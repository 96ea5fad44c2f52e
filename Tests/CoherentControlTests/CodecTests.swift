// What is written is read back as the same value, at the extremes too. A number that does not fit,
// or text that is no number, is refused and never rounded or guessed.

import CoherentWire
import Testing

@testable import CoherentControl

@Suite struct CodecTests {
  private func roundTrip<Value: Codable & Equatable>(_ value: Value) throws {
    let text = JSONCoding.encode(value)
    #expect(try JSONCoding.decode(Value.self, from: text) == value)
    let pretty = JSONLayout.pretty(text)
    #expect(try JSONCoding.decode(Value.self, from: pretty) == value)
  }

  @Test func modelsSurviveTheRoundTripAtTheirExtremes() throws {
    let source = SampleSource()
    try roundTrip(source.status())
    try roundTrip(source.session(1))
    try roundTrip(source.session(2))
    try roundTrip(source.allocation(9))
    for number: UInt64 in [1, 2] { try roundTrip(source.pin(number)) }
    try roundTrip([source.allocation(1), source.allocation(2)])
    for number: UInt64 in [1, 2] {
      try roundTrip(source.block(Int(number)))
      try roundTrip(source.plan(Int(number)))
      try roundTrip(source.run(number))
      try roundTrip(source.event(number))
      try roundTrip(source.explanation(number))
    }
    try roundTrip(source.pressure())
    try roundTrip(BlocksOrder(blocks: [0, 65_535]))
    try roundTrip(AddBlocksOrder(blocks: [7], node: Int(Int32.max)))
    try roundTrip(AddBlocksOrder(count: 65_536))
    try roundTrip(
      OfflineOrder(blocks: [1], timeoutMilliseconds: OrderTimeout.maximumMilliseconds))
    var eviction = EvictionOrder()
    try roundTrip(eviction)
    eviction.session = SessionID(rawValue: .max)
    eviction.allocation = HandleID(rawValue: .max)
    eviction.bytes = EvictionOrder.maximumBytes
    eviction.timeoutMilliseconds = OrderTimeout.maximumMilliseconds
    try roundTrip(eviction)
    for target in MigrationTarget.allCases {
      try roundTrip(
        MigrationOrder(
          session: SessionID(rawValue: 0), allocation: HandleID(rawValue: 0), target: target))
    }
  }

  @Test func writesAnAbsentUnitAsNull() {
    let text = String(decoding: JSONCoding.encode(SampleSource().session(1)), as: UTF8.self)
    #expect(text.contains(#""unit":null"#))
  }

  @Test func writesWhatAPinLacksAsNull() {
    let text = String(decoding: JSONCoding.encode(SampleSource().pin(1)), as: UTF8.self)
    for key in ["unit", "remaining_ms", "session", "pid"] {
      #expect(text.contains("\"\(key)\":null"), "\(key)")
    }
  }

  @Test(arguments: ["12", #""12""#])
  func readsAnAllocationAsNumberOrDecimalText(text: String) throws {
    let handle = try JSONCoding.decode(HandleID.self, from: Array(text.utf8))
    #expect(handle == HandleID(rawValue: 12))
    #expect(JSONCoding.encode(handle) == Array(#""12""#.utf8))
  }

  @Test(arguments: [
    #""""#, #""-1""#, #""+1""#, #"" 1""#, #""0x1""#, #""18446744073709551616""#, "-1", "1.5", "[]",
    "true", "18446744073709551616",
  ])
  func refusesEveryOtherAllocation(text: String) {
    #expect(throws: (any Error).self) {
      try JSONCoding.decode(HandleID.self, from: Array(text.utf8))
    }
  }

  static let errors: [CallFailure] = [
    .control(.notPermitted(.init(user: 1000, group: "coherent"))),
    .control(.notPermitted(.init(user: 1000, group: nil))),
    .control(.noSuchSession(.init(session: SessionID(rawValue: 7)))),
    .control(
      .noSuchAllocation(
        .init(session: SessionID(rawValue: 7), allocation: HandleID(rawValue: .max)))),
    .control(.invalidRange(.init(reason: "r", message: "m"))),
    .control(.outOfDeviceMemory(.init())), .control(.outOfHostMemory(.init())),
    .control(.timedOut(.init(holderProcess: 4, holderSession: SessionID(rawValue: 2)))),
    .control(.timedOut(.init())),
    .control(.refused(.init(reason: "stopping", message: "\"quoted\"\n"))),
    .control(.noSuchBlock(.init(block: 9))),
    .control(.wrongBlockState(.init(block: 9, state: .goingOffline, message: "m"))),
    .service(.interfaceNotFound("a.b")), .service(.methodNotFound("a.b.C")),
    .service(.methodNotImplemented("a.b.C")), .service(.invalidParameter("x")),
    .service(.permissionDenied), .service(.expectedMore),
    .unknown(name: "io.coherentd.Control.FromTheFuture"), .unknown(name: "x"),
  ]

  @Test(arguments: errors)
  func errorsArriveAsTheyWereSent(failure: CallFailure) throws {
    let reply = try #require(ReplyMessage(failure.replyText))
    #expect(throws: failure) { _ = try reply.parameters(StatusAnswer.self) }
  }

  @Test func prettyTextAddsOnlyWhiteSpace() {
    let text = Array(#"{"a":[],"b":{},"c":[1,{"d":"x,y:{\"}"}],"e":"[","f":"\\"}"#.utf8)
    let pretty = JSONLayout.pretty(text)
    #expect(
      String(decoding: pretty, as: UTF8.self) == """
        {
          "a": [],
          "b": {},
          "c": [
            1,
            {
              "d": "x,y:{\\"}"
            }
          ],
          "e": "[",
          "f": "\\\\"
        }
        """)
  }

  @Test func theDepthOfTextCountsBracketsOutsideStrings() {
    #expect(JSONCoding.depth(of: Array(#"{"[[[[":"\"[[["}"#.utf8)) == 1)
    #expect(JSONCoding.depth(of: Array(#"[[],[[]]]"#.utf8)) == 3)
    #expect(JSONCoding.depth(of: []) == 0)
  }
}
