// One connection's calls are answered completely and in their order, with the errors that the
// interface names. A call never overtakes the one before it, and no answer comes without a call.

import CoherentWire
import Testing

@testable import CoherentControl

@Suite struct ControlConnectionTests {
  @Test func answersStatus() throws {
    var talk = Conversation()
    talk.call(callText("GetStatus"))
    let reply = try #require(ReplyMessage(talk.replies[0]))
    #expect(!reply.continues)
    #expect(try reply.parameters(StatusAnswer.self)?.status == talk.source.status())
    #expect(talk.connection.isIdle)
  }

  @Test func introspectsItself() throws {
    var talk = Conversation()
    talk.call(#"{"method":"org.varlink.service.GetInfo"}"#)
    let info = try #require(ReplyMessage(talk.replies[0])).parameters(ServiceInfo.self)
    #expect(info?.interfaces == ["org.varlink.service", "io.coherentd.Control"])
    for interface in ControlMethod.interfaces {
      talk.replies = []
      talk.call(
        #"{"method":"org.varlink.service.GetInterfaceDescription","#
          + #""parameters":{"interface":"\#(interface.name)"}}"#)
      let answer = try #require(ReplyMessage(talk.replies[0]))
        .parameters(InterfaceDescription.self)
      #expect(answer?.description == interface.description)
    }
  }

  @Test func streamsEverySessionOnceAndMarksTheLastReply() throws {
    for count: UInt64 in [0, 1, 63, 64, 65, 1000] {
      var talk = Conversation(SampleSource(sessions: count))
      talk.call(callText("ListSessions", flags: #","more":true"#))
      let replies = talk.replies.compactMap { ReplyMessage($0) }
      #expect(replies.dropLast().allSatisfy { $0.continues })
      #expect(replies.last?.continues == false)
      let sessions = try replies.flatMap { try $0.parameters(SessionsAnswer.self)!.sessions }
      #expect(sessions == (0..<count).map(talk.source.session))
    }
  }

  @Test func listsTheAllocationsOfOneSessionOnly() throws {
    var talk = Conversation(SampleSource(sessions: 3, allocations: 1000))
    talk.call(callText("ListAllocations", #"{"session":2}"#, flags: #","more":true"#))
    let entries = try talk.replies.flatMap {
      try #require(ReplyMessage($0)).parameters(AllocationsAnswer.self)!.allocations
    }
    #expect(
      entries.map(\.allocation)
        == (0..<1000).filter { $0 % 3 == 2 }.map {
          talk.source.allocation($0).allocation
        })
  }

  @Test(arguments: [
    (callText("ListSessions"), #"{"error":"org.varlink.service.ExpectedMore","parameters":{}}"#),
    (
      callText("ListAllocations", #"{"session":9}"#, flags: #","more":true"#),
      #"{"error":"io.coherentd.Control.NoSuchSession","parameters":{"session":9}}"#
    ),
    (
      callText("Nothing"),
      #"{"error":"org.varlink.service.MethodNotFound","parameters":"#
        + #"{"method":"io.coherentd.Control.Nothing"}}"#
    ),
    (
      #"{"method":"a.b.C"}"#,
      #"{"error":"org.varlink.service.InterfaceNotFound","parameters":{"interface":"a.b"}}"#
    ),
    (
      #"{"method":""}"#,
      #"{"error":"org.varlink.service.InterfaceNotFound","parameters":{"interface":""}}"#
    ),
    (
      callText("GetStatus", flags: #","upgrade":true"#),
      #"{"error":"org.varlink.service.MethodNotImplemented","parameters":"#
        + #"{"method":"io.coherentd.Control.GetStatus"}}"#
    ),
    (
      callText("Migrate", #"{"session":1,"allocation":"404","target":"host"}"#),
      #"{"error":"io.coherentd.Control.NoSuchAllocation","parameters":"#
        + #"{"allocation":"404","session":1}}"#
    ),
  ])
  func answersWithTheNamedError(call: String, reply: String) {
    var talk = Conversation()
    talk.call(call)
    for deferred in talk.deferred {
      talk.connection.finish(Conversation.result(of: deferred))
      talk.run()
    }
    #expect(talk.takeReplies() == [reply])
    #expect(!talk.isClosed)
  }

  @Test(arguments: [
    ("GetStatus", #"{"x":1}"#, "x"), ("GetStatus", "[]", "parameters"),
    ("GetStatus", "7", "parameters"), ("Evict", #"{"sesion":1}"#, "sesion"),
    ("Evict", #"{"session":"1"}"#, "session"), ("Evict", #"{"session":-1}"#, "session"),
    ("Evict", #"{"session":4294967296}"#, "session"), ("Evict", #"{"bytes":-1}"#, "bytes"),
    ("Evict", #"{"bytes":9223372036854775808}"#, "bytes"), ("Evict", #"{"bytes":1.5}"#, "bytes"),
    ("Evict", #"{"bytes":1e400}"#, "bytes"),
    ("Evict", #"{"allocation":"x"}"#, "allocation"),
    ("Evict", #"{"timeout_ms":600001}"#, "timeout_ms"),
    ("Evict", #"{"timeout_ms":true}"#, "timeout_ms"),
    ("Migrate", "{}", "session"), ("Migrate", "null", "session"),
    ("Migrate", #"{"session":1,"target":"host"}"#, "allocation"),
    ("Migrate", #"{"session":1,"allocation":2}"#, "target"),
    ("Migrate", #"{"session":1,"allocation":2,"target":"moon"}"#, "target"),
    ("Migrate", #"{"session":1,"allocation":2,"target":1}"#, "target"),
    ("Migrate", #"{"session":1,"allocation":{},"target":"host"}"#, "allocation"),
    ("ListAllocations", #"{"session":[]}"#, "session"),
    ("OnlineBlocks", "{}", "blocks"), ("OnlineBlocks", #"{"blocks":[]}"#, "blocks"),
    ("RemoveBlocks", #"{"blocks":[-1]}"#, "blocks"),
    ("RemoveBlocks", #"{"blocks":[65536]}"#, "blocks"),
    ("OfflineBlocks", #"{"blocks":[0],"timeout_ms":600001}"#, "timeout_ms"),
    ("OfflineBlocks", #"{"blocks":7}"#, "blocks"), ("PlanOffline", "null", "blocks"),
    ("AddBlocks", "{}", "count"), ("AddBlocks", #"{"blocks":[1],"count":1}"#, "count"),
    ("AddBlocks", #"{"count":0}"#, "count"), ("AddBlocks", #"{"count":65537}"#, "count"),
    ("AddBlocks", #"{"count":1,"node":-1}"#, "node"), ("FollowEvents", #"{"after":-1}"#, "after"),
    ("FollowEvents", #"{"follow":1}"#, "follow"), ("Explain", "{}", "allocation"),
    ("GetMap", #"{"session":1}"#, "session"),
  ])
  func namesTheParameterThatIsWrong(method: String, parameters: String, culprit: String) throws {
    var talk = Conversation()
    talk.call(callText(method, parameters, flags: #","more":true"#))
    #expect(talk.deferred.isEmpty)
    let reply = try #require(talk.replies.first.flatMap { ReplyMessage($0) })
    #expect(throws: CallFailure.service(.invalidParameter(culprit))) {
      _ = try reply.parameters(NoParameters.self)
    }
  }

  @Test func performsPipelinedCallsInOrder() throws {
    var talk = Conversation(SampleSource(allocations: 300))
    let texts = [
      callText("GetStatus"), callText("ListAllocations", flags: #","more":true"#),
      callText("Nothing"), callText("GetStatus"),
    ]
    talk.send(texts.flatMap { Array($0.utf8) + [0] })
    let replies = try talk.replies.map { try #require(ReplyMessage($0)) }
    #expect(replies.count == 1 + 5 + 1 + 1)
    #expect(try replies.first?.parameters(StatusAnswer.self) != nil)
    #expect(replies.dropLast().last?.error == "org.varlink.service.MethodNotFound")
    #expect(try replies.last?.parameters(StatusAnswer.self) != nil)
  }

  @Test func aDeferredCallHoldsBackTheNextOne() {
    var talk = Conversation()
    talk.send(Array((callText("Evict") + "\0" + callText("GetStatus") + "\0").utf8))
    #expect(talk.deferred.count == 1)
    #expect(talk.replies.isEmpty)
    #expect(talk.connection.isWaiting && !talk.connection.wantsInput)
    talk.connection.finish(Array("{}".utf8))
    talk.run()
    #expect(talk.replies.count == 2)
    talk.connection.finish(Array("late and not asked for".utf8))
    talk.run()
    #expect(talk.replies.count == 2)
  }

  @Test func saysNothingToOneWayCalls() {
    var talk = Conversation()
    for text in [
      callText("GetStatus", flags: #","oneway":true"#),
      callText("Nothing", flags: #","oneway":true"#),
      callText("ListSessions", flags: #","oneway":true"#),
      callText("Evict", flags: #","oneway":true"#),
    ] {
      talk.call(text)
    }
    #expect(talk.deferred.count == 1)
    talk.connection.finish(Array("{}".utf8))
    talk.run()
    #expect(talk.replies.isEmpty)
    talk.call(callText("GetStatus"))
    #expect(talk.replies.count == 1)
  }

  @Test func endsInGoodOrderOnceEverythingIsAnswered() {
    var talk = Conversation()
    talk.connection.receive(Array((callText("Evict") + "\0").utf8))
    talk.connection.endInput()
    talk.run()
    #expect(!talk.isClosed)
    talk.connection.finish(Array("{}".utf8))
    talk.run()
    #expect(talk.replies.count == 1)
    #expect(talk.isClosed && talk.ending == nil)
  }
}
