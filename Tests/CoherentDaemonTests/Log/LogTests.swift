// What is written, what is left out, and that it is counted.

import CoherentWire
import Testing

@testable import CoherentDaemon

@Suite struct LogTests {
  private func event(_ process: Int32) -> LogEvent {
    .clientMisbehaved(
      EventClient(process: process, user: 0, unit: nil, session: nil), reason: "flood")
  }

  @Test func whatIsLessImportantThanTheLevelIsLeftOutAndAChangeOfTheLevelCounts() {
    let sink = CollectingSink()
    let log = Log(level: .warning, sink: sink)
    log.notice("one")
    log.error("two")
    log.setLevel(.notice)
    log.notice("three")
    log.info("four")
    #expect(sink.texts == ["two", "three"])
  }

  @Test func aKindIsLimitedForEachClientAndTheRestIsCounted() {
    let sink = CollectingSink()
    let log = Log(level: .info, sink: sink)
    let burst = EventKind.clientMisbehaved.burst
    for _ in 0..<burst + 7 { log.event(.clientMisbehaved, client: 1) { event(1) } }
    #expect(sink.records.count == burst && log.owesLines)
    log.event(.clientMisbehaved, client: 2) { event(2) }
    #expect(sink.records.count == burst + 1, "another client has its own share")
    log.sayWhatIsMissing()
    #expect(sink.records.count == burst + 1, "not before its time is over")
    log.sayWhatIsMissing(atEnd: true)
    #expect(sink.records.count == burst + 2 && !log.owesLines)
    let last = sink.records.last
    #expect(last?.text.hasPrefix("7 more like this in the last 10 s: process 1 ") == true)
    #expect(last?.messageID == EventKind.clientMisbehaved.messageID)
    #expect(last?.fields.contains(LogRecord.Field("COHERENT_SUPPRESSED", "7")) == true)
  }

  @Test func whatIsNotWrittenIsNotMade() {
    let log = Log(level: .error, sink: CollectingSink())
    log.event(.clientMisbehaved, client: 1) {
      Issue.record("it was made")
      return event(1)
    }
  }
}

@Suite struct EventLimiterTests {
  private let second: UInt64 = 1_000_000_000

  @Test func aWindowEndsAfterItsTimeAndAnotherBegins() {
    var limiter = EventLimiter()
    let key = EventLimiter.Key(kind: "a", client: 1)
    #expect(limiter.admit(key, burst: 1, now: second) == key)
    limiter.wrote(LogRecord(.info, "text"), for: key)
    #expect(limiter.admit(key, burst: 1, now: 10 * second) == nil)
    #expect(limiter.takeSummaries(now: 11 * second - 1).isEmpty)
    let summaries = limiter.takeSummaries(now: 11 * second)
    #expect(summaries.map(\.count) == [1] && summaries[0].record.text == "text")
    #expect(limiter.count == 0 && !limiter.hasSuppressed)
    #expect(limiter.admit(key, burst: 1, now: 11 * second) == key)
  }

  @Test func howManyClientsEverThereAreItsMemoryIsBounded() {
    var limiter = EventLimiter()
    var admitted = 0
    for client in 1...10_000 {
      let key = EventLimiter.Key(kind: client.isMultiple(of: 2) ? "a" : "b", client: Int32(client))
      if limiter.admit(key, burst: 3, now: second) != nil { admitted += 1 }
    }
    #expect(limiter.count == EventLimiter.maximumKeys + 2)
    #expect(admitted == EventLimiter.maximumKeys + 2 * 3, "the rest shares what is left")
  }

  @Test func howManyClientsOneUserHasTheOthersHaveTheirOwnLines() {
    var limiter = EventLimiter()
    var admitted = 0
    for client in 1...10_000 {
      let key = EventLimiter.Key(kind: "a", client: Int32(client), user: 7)
      if limiter.admit(key, burst: 3, now: second) != nil { admitted += 1 }
    }
    #expect(limiter.count == EventLimiter.maximumKeysPerUser + 1)
    #expect(admitted == EventLimiter.maximumKeysPerUser + 3, "the rest shares what is left")
    let other = EventLimiter.Key(kind: "a", client: 20_000, user: 8)
    for _ in 0..<3 { #expect(limiter.admit(other, burst: 3, now: second) == other) }
    #expect(limiter.admit(other, burst: 3, now: second) == nil)
  }

  @Test func whatWasNotSuppressedIsForgottenInSilence() {
    var limiter = EventLimiter()
    _ = limiter.admit(EventLimiter.Key(kind: "a", client: 1), burst: 1, now: 0)
    #expect(limiter.takeSummaries(now: 0, ofAll: true).isEmpty && limiter.count == 0)
  }
}
