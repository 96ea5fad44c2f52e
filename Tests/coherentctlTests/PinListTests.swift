// The list of pins as people see it: to the letter, within 80 columns, and safe whatever the daemon
// or a client put into it.

import CoherentControl
import CoherentWire
import Testing

@testable import coherentctl

@Suite struct PinListTests {
  private var pins: [PinReport] {
    var request = PinReport(session: SessionID(rawValue: 3), allocation: HandleID(rawValue: 4))
    request.process = 1010
    request.user = 1000
    request.command = "render"
    request.unit = "render@1.service"
    request.offsetBytes = 1 << 20
    request.lengthBytes = 64 << 20
    request.heldMilliseconds = 1250
    request.remainingMilliseconds = 80
    request.renewals = 3
    var waiter = PinWaiterReport()
    waiter.session = SessionID(rawValue: 2)
    waiter.process = 1020
    waiter.bytes = 64 << 20
    waiter.waitingMilliseconds = 20
    waiter.remainingMilliseconds = 80
    var order = PinWaiterReport()
    order.wish = .migrateToHost
    order.bytes = 65536
    request.waiters = [waiter, order]
    request.waiting = 4
    var fast = request
    fast.allocation = HandleID(rawValue: 1 << 32 | 5)
    fast.kind = .fast
    fast.count = 3
    fast.isHeldExact = false
    fast.heldMilliseconds = 50
    (fast.waiters, fast.waiting) = ([], 0)
    var longTerm = PinReport(session: SessionID(rawValue: 7), allocation: HandleID(rawValue: 0))
    longTerm.process = 4_194_304
    longTerm.kind = .longTerm
    longTerm.heldMilliseconds = 123_000
    longTerm.lengthBytes = 65536
    return [request, fast, longTerm]
  }

  private func text(_ pins: [PinReport], _ style: Style) -> String {
    PinList(pins, style, userName: { $0 == 1000 ? "alex" : String($0) }).text
  }

  @Test func thePinsOfEachSessionAndWhoWaitsForThem() {
    #expect(
      text(pins, Style()) == """
          ALLOCATION  KIND       OFFSET   SIZE    HELD  LEFT  RENEWED
        Session 3: process 1010 (render), user alex, unit render@1.service
                   4  request      1MiB  64MiB      1s  80ms        3
            waiting: process 1020 (session 2): allocate 64 MiB, for 20ms, 80ms left
            waiting: an administrator: migrate to host 64 KiB, for 0ms, 0ms left
            waiting: 2 more
          4294967301  fast x3      1MiB  64MiB  >=50ms  80ms        3
        Session 7: process 4194304, user 0
                   0  long-term      0B  64KiB  2min3s     -        0

        5 pins listed.

        """)
  }

  @Test func aUnicodeTerminalGetsTheSigns() {
    let text = text(pins, Style(usesUnicode: true))
    #expect(text.contains("fast ×3") && text.contains("≥50ms"))
  }

  @Test func withoutLegendNoHeaderAndNoSummary() {
    let lines = text(pins, Style(showsLegend: false, printsRawBytes: true)).split(separator: "\n")
    #expect(lines.first?.hasPrefix("Session 3") == true && lines.count == 8)
    #expect(lines.contains { $0.contains(" 67108864 ") })
  }

  @Test func noPinsIsSaidInAWord() {
    #expect(text([], Style()) == "No pins.\n")
    #expect(text([], Style(showsLegend: false)) == "")
  }

  @Test func everyLineFitsIntoEightyColumns() {
    var pins = pins
    pins[0].allocation = HandleID(rawValue: 9 << 32)
    pins[0].offsetBytes = 1023 << 30
    pins[0].heldMilliseconds = 86_400_000 * 9 + 3_600_000 * 23
    pins[0].renewals = 12_345_678
    pins[0].command = "fifteen-letters"
    for line in text(pins, Style()).split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
  }

  @Test func nothingThatADaemonCouldSendStopsIt() {
    var pin = pins[0]
    pin.command = "x\u{1B}[31m"
    pin.unit = "u\n"
    pin.kind = PinKind(rawValue: "from\tthe future")
    (pin.count, pin.renewals, pin.waiting) = (.max, .max, 0)
    (pin.offsetBytes, pin.lengthBytes, pin.heldMilliseconds) = (.max, .max, .max)
    pin.remainingMilliseconds = .max
    let text = text([pin, pin], Style())
    #expect(text.contains("(x?[31m)") && text.contains("unit u?") && text.contains("from?the"))
  }
}
