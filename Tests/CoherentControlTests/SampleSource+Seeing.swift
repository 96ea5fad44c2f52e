// What the sample's device does: a map of runs, events that the test makes, one explanation.
import CoherentControl
import CoherentWire

extension SampleSource {
  func run(_ number: UInt64) -> MapRunReport {
    var run = MapRunReport(
      firstFrame: number * 16, frames: 16, block: Int(number / 128),
      state: number.isMultiple(of: 2) ? .device : .free)
    if run.state == .device {
      run.session = SessionID(rawValue: 1)
      run.process = 101
      run.isPinned = true
    }
    return run
  }

  func map(_ query: MapQuery) -> MapReport {
    var map = MapReport()
    map.frameBytes = 65536
    map.blockFrames = 2048
    let end = min(query.cursor.rawValue + UInt64(query.limit), runCount)
    map.runs = (query.cursor.rawValue..<end).map(run)
    map.next = end < runCount ? ReportCursor(rawValue: end) : nil
    return map
  }

  func pressure() -> PressureReport {
    var report = PressureReport()
    report.some.average10 = 12.34
    report.some.average60 = 0.5
    report.some.average300 = 0.25
    report.some.totalMicroseconds = .max
    return report
  }

  func event(_ number: UInt64) -> EventReport {
    var event = EventReport(number: number, kind: number.isMultiple(of: 2) ? .evicted : .block)
    event.timeMicroseconds = 1_700_000_000_000_000 + number
    event.text = "event \(number)"
    if event.kind == .block {
      event.block = 3
      event.state = .offline
      event.cause = "administrator"
    } else {
      event.session = SessionID(rawValue: 1)
      event.process = 101
      event.allocation = HandleID(rawValue: .max)
      event.bySession = SessionID(rawValue: 2)
      event.byProcess = 102
      event.bytes = 65536
      event.cause = "pressure"
    }
    return event
  }

  func events(after cursor: ReportCursor, limit: Int) -> EventPage {
    held.withLock { held in
      held.looksForEvents += 1
      var page = EventPage()
      let next = max(cursor.rawValue + 1, held.events.lowerBound)
      page.dropped = cursor == .start ? 0 : next - cursor.rawValue - 1
      page.newest = held.events.upperBound - 1
      if next < held.events.upperBound {
        page.events = (next..<held.events.upperBound).prefix(limit).map(event)
      }
      return page
    }
  }

  /// Makes so many more events, and forgets all but the latest `remembered` ones.
  func makeEvents(_ count: UInt64, remembered: UInt64 = 1000) {
    held.withLock { held in
      let end = held.events.upperBound + count
      let first = end > remembered ? max(held.events.lowerBound, end - remembered) : 1
      held.events = first..<end
    }
  }

  func explanation(_ number: UInt64) -> AllocationExplanation {
    var why = AllocationExplanation(
      session: SessionID(rawValue: UInt32(number)), allocation: HandleID(rawValue: .max))
    why.deviceBytes = 65536
    why.sizeBytes = 65536
    why.reasons = [
      PlaceReason(place: "device", bytes: 65536, reason: "pinned", text: "a pin holds it")
    ]
    why.history = [event(2)]
    why.rememberedSinceMicroseconds = number.isMultiple(of: 2) ? 1_700_000_000_000_000 : nil
    return why
  }

  func why(_ query: WhyQuery) throws(ControlError) -> WhyReport {
    guard query.allocation.rawValue != 404 else {
      throw .noSuchAllocation(.init(session: query.session, allocation: query.allocation))
    }
    return WhyReport(why: [explanation(1), explanation(2)])
  }
}
