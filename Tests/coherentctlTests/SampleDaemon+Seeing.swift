// What the sample daemon's device does: a map in two blocks, events that the test makes.
import CoherentControl
import CoherentWire

extension SampleDaemon.Source {
  func map(_ query: MapQuery) -> MapReport {
    var map = MapReport()
    map.frameBytes = 65536
    map.blockFrames = 1024
    var data = MapRunReport(firstFrame: 0, frames: 512, block: 0, state: .device)
    data.session = SessionID(rawValue: 1)
    data.process = 4711
    var pinned = data
    pinned.firstFrame = 512
    pinned.frames = 64
    pinned.isPinned = true
    map.runs = [
      data, pinned, MapRunReport(firstFrame: 576, frames: 448, block: 0, state: .free),
      MapRunReport(firstFrame: 1024, frames: 1024, block: 1, state: .offline),
    ]
    return map
  }

  func pressure() -> PressureReport {
    var report = PressureReport()
    report.some.average10 = 12.3
    report.some.totalMicroseconds = 1_500_000
    return report
  }

  func event(_ number: UInt64) -> EventReport {
    var event = EventReport(number: number, kind: .evicted)
    event.timeMicroseconds = 1_700_000_000_000_000
    event.session = SessionID(rawValue: 1)
    event.process = 4711
    event.cause = "pressure"
    event.bytes = 65536
    event.text = "64 KiB of allocation 5 of session 1 went to the host"
    return event
  }

  /// The last hundred are remembered.
  func events(after cursor: ReportCursor, limit: Int) -> EventPage {
    var page = EventPage()
    page.newest = eventCount.load(ordering: .relaxed)
    let oldest = page.newest > 100 ? page.newest - 99 : 1
    let first = max(cursor.rawValue + 1, oldest)
    page.dropped = cursor == .start ? 0 : first - cursor.rawValue - 1
    if first <= page.newest { page.events = (first...page.newest).prefix(limit).map(event) }
    return page
  }

  func why(_ query: WhyQuery) throws(ControlError) -> WhyReport {
    guard query.allocation.rawValue < 1000 else {
      throw .noSuchAllocation(.init(session: query.session, allocation: query.allocation))
    }
    var why = AllocationExplanation(
      session: query.session ?? SessionID(rawValue: 1), allocation: query.allocation)
    why.process = 4711
    why.sizeBytes = 64 << 20
    why.deviceBytes = 48 << 20
    why.storedBytes = 16 << 20
    why.pinnedBytes = 1 << 20
    why.priority = 128
    why.reasons = [
      PlaceReason(place: "device", bytes: 1 << 20, reason: "pinned", text: "a pin holds it"),
      PlaceReason(
        place: "stored", bytes: 16 << 20, reason: "evicted", text: "it was not used lately"),
    ]
    why.history = (1...32 as ClosedRange<UInt64>).map { number in
      var event = event(number)
      event.text = "64 KiB evicted: an administrator ordered it"
      return event
    }
    why.rememberedSinceMicroseconds = 1_700_000_000_000_000
    return WhyReport(why: [why])
  }
}
