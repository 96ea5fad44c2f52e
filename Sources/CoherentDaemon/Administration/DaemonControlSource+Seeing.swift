// What the device does, as administrators see it: its map, how long it was waited for, what was
// done lately, and why an allocation is where it is. A short look under the core's lock, the text
// made outside it.

import CoherentControl
import CoherentCore
import CoherentSystem
import CoherentWire

extension DaemonControlSource {
  // MARK: the map

  /// The cursor is the number of the next frame.
  func map(_ query: MapQuery) -> MapReport {
    let (page, blockFrames) = performer.engine.look { core, _ in
      (
        core.map(fromFrame: Int(clamping: query.cursor.rawValue), limit: query.limit),
        core.blockFrames
      )
    }
    var report = MapReport()
    report.frameBytes = performer.frameBytes
    report.blockFrames = UInt64(blockFrames)
    report.runs = page.runs.map(Self.report)
    report.next = page.next.map { ReportCursor(rawValue: UInt64($0)) }
    return report
  }

  private static func report(_ run: MapRun) -> MapRunReport {
    var report = MapRunReport(
      firstFrame: UInt64(run.firstFrame), frames: UInt64(run.frames), block: run.block,
      state: word(run.state))
    report.session = run.session
    report.process = run.session.map { _ in Int32(bitPattern: run.process) }
    report.isPinned = run.isPinned
    return report
  }

  private static func word(_ state: DeviceFrame.State) -> FrameState {
    switch state {
    case .free: .free
    case .reserved: .reserved
    case .device: .device
    case .evicting: .evicting
    case .restoring: .restoring
    case .releasing: .releasing
    case .isolated: .isolated
    case .offline: .offline
    }
  }

  // MARK: pressure

  func pressure() -> PressureReport {
    let (some, full) = performer.engine.look { core, now in core.pressure(now) }
    var report = PressureReport()
    report.some = Self.report(some)
    report.full = Self.report(full)
    return report
  }

  private static func report(_ status: StallStatus) -> StallReport {
    var report = StallReport()
    report.average10 = status.average10
    report.average60 = status.average60
    report.average300 = status.average300
    report.totalMicroseconds = status.totalNanoseconds / 1000
    return report
  }

  // MARK: events

  func events(after cursor: ReportCursor, limit: Int) -> EventPage {
    let (entries, dropped, newest) = performer.engine.look { core, _ in
      core.history(after: cursor.rawValue, limit: limit)
    }
    let clock = WallTime.now
    var page = EventPage()
    page.events = entries.map { EventReport($0, clock) }
    page.dropped = cursor == .start ? 0 : dropped
    page.newest = newest
    return page
  }

  // MARK: why

  func why(_ query: WhyQuery) throws(ControlError) -> WhyReport {
    let (found, hasSession, isOffline) = performer.engine.look { core, _ in
      (
        core.explain(session: query.session, handle: query.allocation),
        query.session.map { core.session($0) != nil } ?? true,
        core.status().blocks[.online] == nil
      )
    }
    guard hasSession else {
      throw .noSuchSession(ControlError.SubjectDetail(session: query.session))
    }
    guard !found.isEmpty else {
      throw .noSuchAllocation(
        ControlError.SubjectDetail(session: query.session, allocation: query.allocation))
    }
    let clock = WallTime.now
    return WhyReport(why: found.map { report(whole($0), isOffline, clock) })
  }

  /// With all of its frames explained, some at a time: nobody waits long for the lock.
  private func whole(_ begun: Explanation) -> Explanation {
    var explanation = begun
    var goesOn = true
    while goesOn {
      (explanation, goesOn) = performer.engine.look { [explanation] core, _ in
        var explanation = explanation
        let goesOn = core.explainMore(&explanation, limit: 65_536)
        return (explanation, goesOn)
      }
    }
    return explanation
  }

  private func report(
    _ explanation: Explanation, _ isOffline: Bool, _ clock: WallTime
  ) -> AllocationExplanation {
    let status = explanation.allocation
    var report = AllocationExplanation(session: status.session, allocation: status.handle)
    report.process = Int32(bitPattern: status.process)
    report.offsetBytes = bytes(status.firstFrame)
    report.sizeBytes = bytes(status.frames)
    report.priority = status.priority
    report.untouchedBytes = bytes(status.places[.untouched])
    report.deviceBytes = bytes(status.places[.device])
    report.hostBytes = bytes(status.places[.host])
    report.storedBytes = bytes(status.places[.stored])
    report.movingBytes = bytes(explanation.movingFrames)
    report.pinnedBytes = bytes(status.pinnedFrames)
    report.reasons = PlaceReason.list(
      explanation.parts, isOffline: isOffline, frameBytes: performer.frameBytes, clock)
    report.history = explanation.history.map { entry in
      var event = EventReport(entry, clock)
      event.text = HistoryText.shortSentence(entry)
      return event
    }
    report.rememberedSinceMicroseconds = explanation.rememberedSince.map(clock.microseconds)
    return report
  }
}
