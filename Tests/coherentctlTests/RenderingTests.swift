// What coherentctl prints, to the letter: status, tables, orders and complaints. No numbers that a
// daemon could send may trap it or break a table.

import CoherentControl
import CoherentWire
import Testing

@testable import coherentctl

@Suite struct RenderingTests {
  static var status: StatusReport {
    var report = StatusReport()
    report.version = "0.1.0"
    report.process = 4711
    report.uptimeMilliseconds = 90_061_000
    report.capacityBytes = 4 << 30
    report.onlineBytes = 4 << 30
    report.freeBytes = 1 << 30
    report.reservedBytes = 512 << 20
    report.deviceBytes = 2432 << 20
    report.evictingBytes = 64 << 20
    report.restoringBytes = 32 << 20
    report.releasingBytes = 32 << 20
    report.hostBytes = 12 << 20
    report.storedBytes = 700 << 20
    report.pinnedBytes = 64 << 20
    report.hostLimitBytes = 8 << 30
    report.hostReservedBytes = 3 << 30
    report.committedBytes = 4 << 30
    report.frameBytes = 65536
    report.blockBytes = 128 << 20
    report.blocks = 32
    report.watermarkMinimumBytes = 64 << 20
    report.watermarkLowBytes = 128 << 20
    report.watermarkHighBytes = 256 << 20
    report.sessions = 3
    report.allocations = 1
    report.pins = 1
    report.faults = 1234
    report.evictedFrames = 99
    report.restoredFrames = 42
    return report
  }

  private func block(_ report: StatusReport, _ style: Style) -> String {
    StatusBlock(report, socketPath: "/run/coherentd/io.coherentd.Control", style).text
  }

  @Test func theStatusOnAUnicodeTerminalWithoutColour() {
    #expect(
      block(Self.status, Style(usesUnicode: true, columns: 80)) == """
        ● coherentd 0.1.0 - running
           Process: 4711, up 1d 1h
            Socket: /run/coherentd/io.coherentd.Control
            Device: 3 GiB of 4 GiB in use (75%)
                    ███████████████████████████████████████▓▓▒▒▒▒▒▒▒▒░░░░░░░░░░░░░░░░░
                    █ data 2.4 GiB  ▓ moving 128 MiB  ▒ reserved 512 MiB  ░ free 1 GiB
          Pressure: no; evicts below 128 MiB free until 256 MiB, reserve 64 MiB
              Host: 12 MiB mapped, 700 MiB stored; 3 GiB of 8 GiB promised
            Pinned: 64 MiB by 1 pin
           Clients: 3 sessions, 1 allocation, 0 waiting
              Work: 1234 faults; 99 frames evicted, 42 restored
           Trouble: 0 frames lost, 0 requests refused, 0 clients misbehaved
            Memory: 4 GiB committed by all memory files; frames of 64 KiB, 32 blocks of 128 MiB

        """)
  }

  @Test func whatAUsersShareRefusedIsShownWhereAnythingIs() {
    var report = Self.status
    report.refusedRequests = 5
    report.refusedByShare = 2
    report.users = 2
    let text = block(report, Style(columns: 80))
    #expect(text.contains("5 requests refused (2 by a user's share), 0 clients"))
    #expect(text.contains("3 sessions of 2 users, 1 allocation"))
  }

  @Test func whatIsKeptForTheNextDaemonIsShownWhereAnythingIs() {
    var report = Self.status
    report.generation = 3
    report.storedDescriptorsExpected = 14
    let text = block(report, Style(columns: 80))
    #expect(text.contains("Kept: daemon 3 of this region; the supervisor should have 14 desc"))
    #expect(!block(Self.status, Style(columns: 80)).contains("Kept:"))
    for (stored, sentence) in [
      (14, "systemd has 14 of 14 descriptors for the next one"),
      (12, "systemd has 12 of 14 descriptors: what is missing would not survive"),
    ] {
      let text = StatusBlock(
        report, socketPath: "/run/c", storedDescriptors: UInt64(stored), Style(columns: 80)
      ).text
      #expect(text.contains(sentence))
    }
  }

  @Test func theStatusOfAnEmptyDeviceInPlainBytes() {
    var report = Self.status
    report.freeBytes = report.onlineBytes
    report.capacityBytes += 128 << 20
    (report.deviceBytes, report.reservedBytes) = (0, 0)
    (report.evictingBytes, report.restoringBytes, report.releasingBytes) = (0, 0, 0)
    let lines = block(report, Style(columns: 30, printsRawBytes: true)).split(separator: "\n")
    #expect(lines[0] == "* coherentd 0.1.0 - running")
    #expect(
      lines[3]
        == "    Device: 0 B of 4294967296 B in use (0%), 134217728 B offline")
    #expect(lines[4] == "            ................")
  }

  @Test func aDeviceWithoutMemoryIsOffline() {
    var report = Self.status
    report.onlineBytes = 0
    report.blocks = 1
    let lines = block(report, Style(columns: 80)).split(separator: "\n")
    #expect(lines[3] == "    Device: offline: 4 GiB in 1 block could be brought online")
    #expect(lines[4] == "  Pressure: no")
  }

  @Test func theDotTellsAtAGlance() {
    let style = Style(usesColour: true)
    func dot(_ report: StatusReport) -> String { String(block(report, style).prefix(6)) }
    var report = Self.status
    #expect(dot(report) == "\u{1B}[32m*")
    report.isUnderPressure = true
    #expect(dot(report) == "\u{1B}[33m*")
    report.lostFrames = 1
    #expect(dot(report) == "\u{1B}[31m*")
    #expect(!block(report, Style()).contains("\u{1B}"))
  }

  @Test func aStatusOfNonsenseIsShownWithoutATrap() {
    var report = StatusReport()
    #expect(block(report, Style()).contains("Device: offline: no memory block is known\n  Pres"))
    report.freeBytes = .max
    report.evictingBytes = .max
    report.restoringBytes = .max
    report.deviceBytes = .max
    report.onlineBytes = 1
    #expect(block(report, Style()).contains("0 B of 1 B in use (0%)"))
  }

  @Test func aBarHasItsLengthAndHidesNothing() {
    for first: UInt64 in [0, 1, 1000, 1 << 40] {
      for second: UInt64 in [0, 1, 999, 1 << 40] {
        let bar = UseBar(parts: [
          .init(name: "a", bytes: first, unicode: "a", plain: "a"),
          .init(name: "b", bytes: second, unicode: "b", plain: "b"),
          .init(name: "free", bytes: 1 << 30, unicode: "c", plain: "c"),
        ])
        let share = bar.share(40)
        #expect(share.reduce(0, +) == 40)
        #expect((share[0] > 0) == (first > 0) && (share[1] > 0) == (second > 0))
      }
    }
  }

  private var sessions: [SessionReport] {
    var first = SessionReport(session: SessionID(rawValue: 1))
    first.process = 100
    first.user = 1000
    first.unit = "render@1.service"
    first.command = "render"
    first.allocations = 12
    first.deviceBytes = 1 << 30
    first.storedBytes = 1536 << 10
    first.faults = 7
    first.ageMilliseconds = 3_660_000
    var second = SessionReport(session: SessionID(rawValue: 22))
    second.process = 4_194_304
    second.command = "x\u{1B}[31m"
    second.state = .connecting
    return [first, second]
  }

  private func userName(_ user: UInt32) -> String { user == 1000 ? "alex" : String(user) }

  @Test func sessionsAsATable() {
    #expect(
      SessionTable.text(sessions, Style(), userName: userName) == """
        SESSION      PID  USER  UNIT              COMMAND  STATE       ALLOCS  DEVICE  RESERVED  \
        HOST  STORED  PINNED  STRAY  FAULTS  EVICTED  RESTORED     AGE
              1      100  alex  render@1.service  render   active          12    1GiB        0B  \
          0B  1.5MiB      0B     0B       7        0         0  1h1min
             22  4194304  0     -                 x?[31m   connecting       0      0B        0B  \
          0B      0B      0B     0B       0        0         0     0ms

        2 sessions listed.

        """)
  }

  @Test func tablesWithoutLegendAreRowsOnly() {
    let style = Style(showsLegend: false, printsRawBytes: true)
    #expect(
      SessionTable.text(sessions, style).split(separator: "\n", omittingEmptySubsequences: false)
        .count == 3)
    #expect(SessionTable.text([], style) == "")
    #expect(SessionTable.text([], Style()) == "No sessions.\n")
    #expect(
      SessionTable.text(Array(sessions.prefix(1)), Style()).hasSuffix("\n1 session listed.\n"))
  }

  @Test func allocationsAsATable() {
    var report = AllocationReport(
      allocation: HandleID(rawValue: 1 << 32 | 5), session: SessionID(rawValue: 3))
    report.process = 100
    report.offsetBytes = 64 << 10
    report.sizeBytes = 1 << 20
    report.priority = 128
    report.untouchedBytes = 512 << 10
    report.deviceBytes = 512 << 10
    #expect(
      AllocationTable.text([report], Style()) == """
        ALLOCATION  SESSION  PID  OFFSET  SIZE  PRIORITY  UNTOUCHED  DEVICE  HOST  STORED  PINNED
        4294967301        3  100   64KiB  1MiB       128     512KiB  512KiB    0B      0B      0B

        1 allocation listed.

        """)
    let raw = AllocationTable.text([report], Style(showsLegend: false, printsRawBytes: true))
    #expect(raw == "4294967301  3  100  65536  1048576  128  524288  524288  0  0  0\n")
  }

  @Test func ordersAsSentences() {
    var eviction = EvictionReport()
    eviction.evictedFrames = 1
    eviction.evictedBytes = 65536
    #expect(OrderText.eviction(eviction, Style()) == "Evicted 1 frame (64 KiB).\n")
    #expect(
      OrderText.eviction(eviction, asked: 65_537, Style())
        == "Evicted 1 frame (64 KiB) of 64 KiB asked: "
        + "no more data that may leave the device was on it.\n")
    #expect(
      OrderText.eviction(EvictionReport(), asked: 1, Style())
        == "Evicted 0 frames (0 B) of 1 B asked: no data that may leave the device was on it.\n")
    eviction.skippedPinnedFrames = 2
    #expect(
      OrderText.eviction(eviction, Style(printsRawBytes: true))
        == "Evicted 1 frame (65536 B).\n2 pinned frames stay on the device.\n")
    eviction.holders = [
      PinHolderReport(session: SessionID(rawValue: 2), process: 9, frames: 2)
    ]
    let one = OrderText.eviction(eviction, Style())
    #expect(
      one.hasSuffix(
        """
        2 pinned frames stay on the device: 2 of process 9 (session 2).
        `coherentctl pins` tells until when.

        """))
    eviction.skippedPinnedFrames = 7
    #expect(OrderText.eviction(eviction, Style()).contains("(session 2), 5 of others."))
    var migration = MigrationReport()
    #expect(OrderText.migration(migration, .host) == "Moved 0 frames to host memory.\n")
    migration.movedFrames = 3
    migration.alreadyFrames = 1
    #expect(
      OrderText.migration(migration, .device)
        == "Moved 3 frames to the device; 1 was there already.\n")
  }

  @Test func complaintsSayWhatAndWhyAndWhatHelps() {
    func text(_ failure: ControlFailure) -> String { Complaint(failure).text(Style()) }
    #expect(
      text(.notRunning(path: "/s", exists: false)) == """
        coherentctl: the daemon is not running: there is no socket /s
        Hint: start it with `systemctl start coherentd`, or name its socket with --socket

        """)
    #expect(
      text(.notAdmitted(path: "/s", group: "coherent")) == """
        coherentctl: permission denied to open /s
        Hint: root and the members of group coherent may

        """)
    #expect(
      text(.call(.control(.timedOut(.init(holderProcess: 9, holderSession: .init(rawValue: 2))))))
        == "coherentctl: not done in time: process 9 (session 2) holds it\n")
    var memory = ControlError.MemoryDetail()
    memory.pinnedBytes = 65536
    memory.holderProcess = 9
    memory.holderSession = SessionID(rawValue: 2)
    #expect(
      text(.call(.control(.outOfDeviceMemory(memory)))) == """
        coherentctl: not enough device memory: asked 0 B, available 0 B, pinned 64 KiB; \
        process 9 (session 2) pins most
        Hint: `coherentctl pins` lists who pins it, and until when

        """)
  }

  @Test func theExitStatusFollowsFromTheFailure() {
    let statuses: [(ControlFailure, Int32)] = [
      (.notRunning(path: "", exists: true), 3), (.notAdmitted(path: "", group: nil), 1),
      (.noAnswer(milliseconds: 1), 1), (.connectionLost, 1), (.notUnderstood, 1),
      (.call(.control(.noSuchSession(.init()))), 4),
      (.call(.control(.noSuchAllocation(.init()))), 4),
      (.call(.control(.notPermitted(.init(user: 1, group: nil)))), 1),
      (.call(.control(.refused(.init(reason: "", message: "")))), 1),
      (.call(.service(.methodNotFound(""))), 1), (.call(.unknown(name: "")), 1),
    ]
    for (failure, status) in statuses { #expect(Complaint(failure).status == status) }
  }
}
