// What the log says of pressure that comes and goes, by a clock of the test's own.

import Testing

@testable import CoherentDaemon

@Suite struct PressureEpisodesTests {
  private static let second: UInt64 = 1_000_000_000
  private let start = 1000 * Self.second

  private func at(_ seconds: UInt64) -> UInt64 { start + seconds * Self.second }

  @Test func whatIsShortIsNotSaid() {
    var pressure = PressureEpisodes()
    #expect(!pressure.isOpen && pressure.line(at(0)) == nil)
    pressure.note(true, at(0))
    #expect(pressure.isOpen && pressure.line(at(1)) == nil)
    pressure.note(false, at(1))
    for second: UInt64 in 1...11 { #expect(pressure.line(at(second)) == nil) }
    #expect(!pressure.isOpen, "nothing is watched any more")
  }

  @Test func whatLastsIsSaidOnceAndItsEndWhenItIsQuiet() {
    var pressure = PressureEpisodes()
    pressure.note(true, at(0))
    #expect(pressure.line(at(2)) == .lasts(sinceNanoseconds: at(0), times: 1))
    #expect(pressure.line(at(3)) == nil)
    pressure.note(false, at(5))
    #expect(pressure.line(at(14)) == nil)
    #expect(pressure.line(at(15)) == .over(durationNanoseconds: 5 * Self.second, times: 1))
    #expect(!pressure.isOpen && pressure.line(at(16)) == nil)
  }

  /// As a machine had it whose journal was four fifths pressure: 48 lines a minute, for an hour.
  @Test func whatComesAndGoesForAnHourIsAHandfulOfLines() {
    var pressure = PressureEpisodes()
    var lines: [PressureEpisodes.Line] = []
    for tick: UInt64 in 0..<36_000 {
      let now = start + tick * Self.second / 10
      if tick % 25 == 0 { pressure.note(true, now) }
      if tick % 25 == 5 { pressure.note(false, now) }
      if tick % 10 == 0, let line = pressure.line(now) { lines.append(line) }
    }
    for second: UInt64 in 3600..<3620 {
      if let line = pressure.line(at(second)) { lines.append(line) }
    }
    #expect(lines.count == 5, "\(lines)")
    guard case .lasts = lines.first, case .over(let duration, let times) = lines.last else {
      Issue.record("it begins and ends: \(lines)")
      return
    }
    #expect(times == 1440 && duration > 3590 * Self.second)
    #expect(!pressure.isOpen)
  }

  @Test func summariesGetRarerUpToOneAnHour() {
    var pressure = PressureEpisodes()
    pressure.note(true, at(0))
    var moments: [UInt64] = []
    for second: UInt64 in 0..<40_000 {
      if case .goesOn = pressure.line(at(second)) { moments.append(second) }
    }
    #expect(moments.first == 60 && moments.count == 13, "\(moments)")
    #expect(zip(moments.dropFirst(3), moments.dropFirst(4)).allSatisfy { $1 - $0 == 3600 })
  }

  /// Threads note in whatever order they come.
  @Test func aLookPutsRightWhatWasNotedInTheWrongOrder() {
    var pressure = PressureEpisodes()
    pressure.note(false, at(0))
    pressure.note(true, at(0))
    pressure.look(false, at(1))
    #expect(pressure.line(at(12)) == nil && !pressure.isOpen)
    pressure.look(true, at(13))
    #expect(pressure.line(at(15)) == .lasts(sinceNanoseconds: at(13), times: 1))
    pressure.look(true, at(16))
    pressure.look(false, at(17))
    #expect(pressure.line(at(27)) == .over(durationNanoseconds: 4 * Self.second, times: 1))
  }
}
