// Following the events: what happened comes once and in order, what a slow reader missed is
// counted, and whoever waits costs nothing until the bell rings.

import CoherentSystem
import CoherentWire
import Testing

@testable import CoherentControl

@Suite struct FollowTests {
  private static let follow = callText("FollowEvents", #"{"follow":true}"#, flags: #","more":true"#)

  /// The answers that came, and none of them any more.
  private func take(_ talk: inout Conversation) throws -> [EventsAnswer] {
    defer { talk.replies = [] }
    return try talk.replies.map {
      let reply = try #require(ReplyMessage($0))
      return try #require(try reply.parameters(EventsAnswer.self))
    }
  }

  @Test func whatIsRememberedEndsWhereNobodyFollows() throws {
    for count: UInt64 in [0, 1, 63, 64, 65, 1000] {
      var talk = Conversation()
      talk.source.makeEvents(count)
      talk.call(callText("FollowEvents", flags: #","more":true"#))
      #expect(talk.connection.isIdle)
      #expect(ReplyMessage(talk.replies.last ?? [])?.continues == false)
      #expect(try take(&talk).flatMap(\.events) == (1..<(count + 1)).map(talk.source.event))
    }
  }

  @Test func onlyWhatIsWantedIsTold() throws {
    let base: UInt64 = 1_700_000_000_000_000
    let queries: [(String, [UInt64])] = [
      (#"{"kinds":["block"]}"#, [1, 3, 5, 7, 9]),
      (#"{"kinds":["block","refused"]}"#, [1, 3, 5, 7, 9]),
      (#"{"kinds":["refused"]}"#, []), (#"{"kinds":[]}"#, []),
      (#"{"session":1}"#, [2, 4, 6, 8, 10]),
      (#"{"session":2}"#, [2, 4, 6, 8, 10]), (#"{"session":3}"#, []),
      (#"{"since_us":\#(base + 9)}"#, [9, 10]), (#"{"until_us":\#(base + 2)}"#, [1, 2]),
      (#"{"since_us":\#(base + 4),"until_us":\#(base + 8),"kinds":["evicted"]}"#, [4, 6, 8]),
    ]
    for (query, expected) in queries {
      var talk = Conversation()
      talk.source.makeEvents(10)
      talk.call(callText("FollowEvents", query, flags: #","more":true"#))
      #expect(ReplyMessage(talk.replies.last ?? [])?.continues == false)
      #expect(try take(&talk).flatMap(\.events).map(\.number) == expected, "\(query)")
    }
  }

  @Test func aKindThatThereIsNoneOfIsRefusedByName() throws {
    var talk = Conversation()
    talk.call(callText("FollowEvents", #"{"kinds":["evicted","refusd"]}"#, flags: #","more":true"#))
    let text = String(decoding: talk.replies.last ?? [], as: UTF8.self)
    #expect(text.contains("InvalidParameter") && text.contains("kinds"), "\(text)")
  }

  @Test func aFollowerHearsOfWhatItWantsOnly() throws {
    var talk = Conversation()
    talk.source.makeEvents(1)
    talk.call(
      callText("FollowEvents", #"{"follow":true,"kinds":["block"]}"#, flags: #","more":true"#))
    #expect(try take(&talk).flatMap(\.events).map(\.number) == [1])
    talk.source.makeEvents(1)
    talk.connection.wake()
    talk.run()
    #expect(try take(&talk) == [], "nothing is sent for what is not wanted")
    talk.source.makeEvents(4)
    talk.connection.wake()
    talk.run()
    #expect(try take(&talk).flatMap(\.events).map(\.number) == [3, 5])
  }

  @Test func aFollowerIsAnsweredAtOnceAndThenWaits() throws {
    var talk = Conversation()
    talk.call(Self.follow)
    #expect(try take(&talk) == [EventsAnswer(events: [], dropped: 0)])
    #expect(talk.connection.isFollowing && !talk.connection.isIdle)
    let looks = talk.source.held.withLock { $0.looksForEvents }
    for _ in 0..<100 { talk.run() }
    #expect(!talk.connection.wantsTurn)
    #expect(talk.source.held.withLock { $0.looksForEvents } == looks)
  }

  @Test func aRingBringsWhatHasHappenedSince() throws {
    var talk = Conversation()
    talk.source.makeEvents(2)
    talk.call(Self.follow)
    #expect(try take(&talk).flatMap(\.events).map(\.number) == [1, 2])
    talk.source.makeEvents(100)
    talk.connection.wake()
    talk.run()
    #expect(try take(&talk).flatMap(\.events).map(\.number) == Array(3...102))
    talk.connection.wake()
    talk.run()
    #expect(try take(&talk) == [])
  }

  @Test func onlyWhatIsToComeOrWhatCameAfterANumber() throws {
    for (after, expected) in [(0, [11]), (8, [9, 10, 11]), (10, [11])] as [(UInt64, [UInt64])] {
      var talk = Conversation()
      talk.source.makeEvents(10)
      talk.call(
        callText("FollowEvents", #"{"after":\#(after),"follow":true}"#, flags: #","more":true"#))
      talk.source.makeEvents(1)
      talk.connection.wake()
      talk.run()
      #expect(try take(&talk).flatMap(\.events).map(\.number) == expected)
    }
  }

  @Test func aNumberOfAnEarlierDaemonBringsAllThatIsRemembered() throws {
    var talk = Conversation()
    talk.source.makeEvents(3)
    talk.call(callText("FollowEvents", #"{"after":900}"#, flags: #","more":true"#))
    #expect(try take(&talk).flatMap(\.events).map(\.number) == [1, 2, 3])
  }

  @Test func whatAReaderWasTooSlowForIsCountedOnce() throws {
    var talk = Conversation()
    talk.source.makeEvents(5)
    talk.call(Self.follow)
    _ = try take(&talk)
    talk.source.makeEvents(100, remembered: 10)
    talk.connection.wake()
    talk.run()
    let answers = try take(&talk)
    #expect(answers.map(\.dropped).reduce(0, +) == 90)
    #expect(answers.flatMap(\.events).map(\.number) == Array(96...105))
  }

  @Test func followersHaveALimitAndGiveTheirPlaceBack() throws {
    let harness = try ServerHarness()
    var followers = try (0..<ControlLimits.followers).map { _ in
      try RawConnection(harness.rawClient())
    }
    for follower in followers {
      follower.client.call(Self.follow)
      #expect(follower.client.reply() != nil)
    }
    var late = try harness.rawClient()
    late.call(Self.follow)
    #expect(late.reply()?.contains("overLimit") == true)
    // One that leaves is noticed while it waits.
    followers.removeLast()
    #expect(
      eventually {
        late.call(Self.follow)
        return late.reply()?.contains("continues") == true
      })
  }

  @Test func theServersBellWakesEveryFollower() throws {
    let harness = try ServerHarness()
    let followers = try (0..<4).map { _ in try RawConnection(harness.rawClient()) }
    for follower in followers {
      follower.client.call(Self.follow)
      #expect(follower.client.reply()?.contains(#""events":[]"#) == true)
    }
    for number in 1...50 {
      harness.source.makeEvents(1)
      harness.server.wakeFollowers()
      for follower in followers {
        #expect(follower.client.reply()?.contains(#""number":\#(number),"#) == true)
      }
    }
  }

  @Test func noRingIsLostHoweverTheyFall() throws {
    let harness = try ServerHarness()
    var follower = try harness.rawClient()
    follower.call(Self.follow)
    #expect(follower.reply() != nil)
    let last: UInt64 = 20_000
    let ringer = try Thread.start(name: "ringer") {
      for _ in 0..<last {
        harness.source.makeEvents(1, remembered: 100_000)
        harness.server.wakeFollowers()
      }
    }
    var next: UInt64 = 1
    while next <= last, let text = follower.reply() {
      let reply = try #require(ReplyMessage(Array(text.utf8)))
      let answer = try #require(try reply.parameters(EventsAnswer.self))
      for event in answer.events {
        #expect(event.number == next)
        next = event.number + 1
      }
    }
    #expect(next == last + 1)
    ringer.join()
  }

  @Test func aServerWhoseFollowersWaitSleeps() throws {
    let harness = try ServerHarness()
    var follower = try harness.rawClient()
    follower.call(Self.follow)
    #expect(follower.reply() != nil)
    let looks = harness.source.held.withLock { $0.looksForEvents }
    var client = try harness.client()
    for _ in 0..<50 { #expect(try client.status().process == 4711) }
    #expect(harness.source.held.withLock { $0.looksForEvents } == looks)
  }

  @Test func theClientFollowsUntilItIsToldToStop() throws {
    let harness = try ServerHarness()
    harness.source.makeEvents(3)
    var client = try harness.client()
    var seen: [UInt64] = []
    var waits = 0
    try client.events(
      EventsQuery(follow: true),
      waiting: { number in
        waits += 1
        guard waits < 3 else { return false }
        harness.source.makeEvents(1)
        harness.server.wakeFollowers()
        return Readiness.waitReadable(number, timeoutMilliseconds: 20_000)
      },
      { seen += $0.events.map(\.number) })
    #expect(seen == [1, 2, 3, 4, 5])
  }
}
