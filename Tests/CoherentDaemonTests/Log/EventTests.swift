// What events say: identifiers that cannot be mistaken, every field of their kind, and texts.

import CoherentWire
import Testing

@testable import CoherentDaemon

@Suite struct EventTests {
  private static let client = EventClient(
    process: 4711, user: 1000, unit: "render.service", session: SessionID(rawValue: 3))

  private func value(_ event: LogEvent, _ field: EventField) -> String? {
    event.fields.first { $0.0 == field }?.1
  }

  @Test func theIdentifiersAreDifferentAndWellFormed() {
    let identifiers = EventKind.allCases.map(\.messageID)
    #expect(Set(identifiers).count == identifiers.count)
    for identifier in identifiers {
      #expect(identifier.utf8.count == 32)
      #expect(identifier.allSatisfy { "0123456789abcdef".contains($0) }, "\(identifier)")
    }
  }

  @Test(arguments: EventField.allCases)
  func theJournalTakesTheFieldsName(_ field: EventField) {
    #expect(field.rawValue.hasPrefix("COHERENT_") && field.rawValue.utf8.count <= 64)
    #expect(field.rawValue.allSatisfy { $0.isUppercase || $0 == "_" }, "\(field)")
    #expect(EventKind.allCases.contains { $0.fields.contains(field) }, "\(field) is carried")
  }

  /// One event of every kind; making one checks that it has the fields of its kind.
  private func events() throws -> [LogEvent] {
    let client = Self.client
    let configuration = try #require(ConfigurationSample.read().configuration)
    var refusal = Refusal(.outOfDeviceMemory, asked: 1 << 20, available: 4096, limit: 1 << 30)
    refusal.holderProcess = 77
    return [
      .started(configuration, onlineBytes: 1 << 30, blocks: 8), .startFailed(reason: "no room"),
      .stopping(sessions: 2, reason: "signal 15"),
      .reloaded(changed: ["[Log] Level=debug"], kept: ["[Region] Blocks"]),
      .reloadRefused(problems: ["a:1: wrong", "b:2: wrong"]),
      .blockStateChanged(0..<8, state: "online", blockBytes: 1 << 27),
      .pressureBegan(freeBytes: 4096, lowBytes: 8192, times: 3),
      .pressureGoesOn(freeBytes: 4096, lowBytes: 8192, durationMilliseconds: 60_000, times: 9),
      .pressureEnded(freeBytes: 20000, highBytes: 16384, durationMilliseconds: 1500, times: 1),
      .refused(client, refusal, .allocationRefused),
      .refused(client, Refusal(.overLimit, .tooManyPins, asked: 5, limit: 4), .limitReached),
      .leaseRevoked(client, allocation: HandleID(rawValue: 9), pins: 2),
      .clientMisbehaved(client, reason: "flood"),
      .memoryUnaccounted(client, bytes: 1 << 30, limitBytes: 64 << 20),
      .hostMemoryMissing(nil, reason: "no pages"),
      .threadStuck(thread: "pager-3", reason: "has done nothing"),
      .recovered(sessions: 3, allocations: 5, bytes: 1 << 20, durationMilliseconds: 40),
      .dataLost(client, bytes: 65536, reason: "no memory"),
    ]
  }

  @Test func everyKindCanBeMade() throws {
    #expect(try events().map(\.kind) == EventKind.allCases)
  }

  @Test func textsAreOneLineAndNoFieldIsEmpty() throws {
    for event in try events() {
      #expect(!event.text.isEmpty && !event.text.contains("\n"), "\(event.kind)")
      #expect(event.fields.allSatisfy { !$0.1.isEmpty }, "\(event.kind)")
    }
  }

  @Test func aClientIsNamedByProcessUserUnitAndSession() {
    let event = LogEvent.clientMisbehaved(Self.client, reason: "flood")
    #expect(value(event, .clientProcess) == "4711")
    #expect(value(event, .clientUser) == "1000")
    #expect(value(event, .unit) == "render.service")
    #expect(value(event, .session) == "3")
    #expect(
      event.text.hasPrefix("session 3, process 4711 of user 1000 in render.service, is ended"))
  }

  @Test func whatIsNotKnownOfAClientIsSaidToBeNothing() {
    let client = EventClient(process: 4711, user: 0, unit: nil, session: nil)
    let event = LogEvent.clientMisbehaved(client, reason: "bad magic")
    #expect(value(event, .unit) == "none" && value(event, .session) == "none")
    #expect(event.text == "process 4711 of user 0 was not admitted: bad magic")
  }

  @Test func whatIsTooLongForAnExplanationIsCutInTheFieldAndWholeInTheText() {
    let long = String(repeating: "é", count: 500)
    let event = LogEvent.clientMisbehaved(Self.client, reason: long)
    let reason = value(event, .reason) ?? ""
    #expect(reason.hasSuffix("é...") && reason.utf8.count <= LogEvent.maximumValueBytes)
    #expect(event.text.contains(long))
    let longest = EventField.allCases.map(\.rawValue.utf8.count).max() ?? 0
    #expect(longest + 1 + LogEvent.maximumValueBytes <= 256)
  }

  @Test func aUnitsNameCannotBreakALine() {
    let client = EventClient(process: 1, user: 0, unit: "a\nMESSAGE_ID=b", session: nil)
    #expect(client.unit?.contains("\n") == false)
  }

  @Test func aRefusalSaysHowMuchAndWhoStandsInTheWay() throws {
    var refusal = Refusal(.outOfDeviceMemory, .largerThanDevice, asked: 7, available: 5, limit: 6)
    refusal.holderProcess = 12
    let kind = try #require(LogEvent.kind(of: refusal))
    let event = LogEvent.refused(Self.client, refusal, kind)
    #expect(event.kind == .allocationRefused)
    #expect(value(event, .bytes) == "7" && value(event, .availableBytes) == "5")
    #expect(value(event, .holderProcess) == "12")
    #expect(value(event, .reason) == "outOfDeviceMemory/largerThanDevice")
  }

  @Test(arguments: Refusal.Reason.allCases, Refusal.Detail.allCases)
  func onlyRefusalsThatAnAdministratorCanMendAreEvents(
    _ reason: Refusal.Reason, _ detail: Refusal.Detail
  ) {
    let mendable: Set<Refusal.Reason> = [.outOfDeviceMemory, .outOfHostMemory, .overLimit]
    let kind = LogEvent.kind(of: Refusal(reason, detail))
    #expect((kind != nil) == mendable.contains(reason))
  }

  @Test func theJournalGetsTheKindTheFieldsAndTheProcess() {
    let record = LogRecord(LogEvent.clientMisbehaved(Self.client, reason: "flood"))
    let fields = JournalSink.fields(record)
    #expect(fields[0] == "MESSAGE=\(record.text)")
    #expect(
      Set(fields.dropFirst()) == [
        "PRIORITY=4", "SYSLOG_IDENTIFIER=coherentd",
        "MESSAGE_ID=9ef54376f799412a8e8cbc2890c7dcd9", "COHERENT_CLIENT_PID=4711",
        "COHERENT_CLIENT_UID=1000", "COHERENT_UNIT=render.service", "COHERENT_SESSION=3",
        "COHERENT_REASON=flood", "OBJECT_PID=4711",
      ])
  }

  @Test func onlyTheVeryStreamThatIsNamedIsTheJournal() throws {
    #expect(!JournalSink.isStandardError(named: nil))
    for name in ["", "1", "1:", ":", "a:b", "1:2:3", "18446744073709551616:1", "0:0"] {
      #expect(!JournalSink.isStandardError(named: name), "\(name)")
    }
  }
}
