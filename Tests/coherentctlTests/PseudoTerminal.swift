// A terminal of a given size that a program runs on, with everything that it wrote so far: pts(4),
// ioctl_tty(2).

import CoherentSystem
import Glibc

final class PseudoTerminal {
  struct Failure: Error {
    let code: CInt
  }

  private let master: Descriptor
  let slave: Descriptor
  private(set) var columns: Int
  private(set) var rows: Int
  private var written: [UInt8] = []

  // _IOW('T', 0x31, int) and _IOR('T', 0x30, unsigned int), which Swift does not import.
  private static let unlock: UInt = 0x4004_5431
  private static let askNumber: UInt = 0x8004_5430

  init(columns: Int, rows: Int) throws {
    let first = Descriptor(owning: try Self.open("/dev/ptmx"))
    var locked: CInt = 0
    var number: CInt = 0
    let isOpen =
      ioctl(first.raw, Self.unlock, &locked) == 0 && ioctl(first.raw, Self.askNumber, &number) == 0
    guard isOpen else { throw Failure(code: errno) }
    let second = Descriptor(owning: try Self.open("/dev/pts/\(number)"))
    master = first
    slave = second
    (self.columns, self.rows) = (columns, rows)
    try resize(columns: columns, rows: rows)
  }

  private static func open(_ path: String) throws -> CInt {
    let number = Glibc.open(path, O_RDWR | O_NOCTTY | O_CLOEXEC)
    guard number >= 0 else { throw Failure(code: errno) }
    return number
  }

  func resize(columns: Int, rows: Int) throws {
    var size = winsize()
    size.ws_col = UInt16(columns)
    size.ws_row = UInt16(rows)
    guard ioctl(master.raw, UInt(TIOCSWINSZ), &size) == 0 else { throw Failure(code: errno) }
    (self.columns, self.rows) = (columns, rows)
  }

  func type(_ text: String) {
    let bytes = Array(text.utf8)
    _ = write(master.raw, bytes, bytes.count)
  }

  /// Whether it works by lines and shows what is typed, as a shell wants it.
  var isCooked: Bool {
    var settings = termios()
    guard tcgetattr(slave.raw, &settings) == 0 else { return false }
    return settings.c_lflag & tcflag_t(ICANON) != 0 && settings.c_lflag & tcflag_t(ECHO) != 0
  }

  /// Has Ctrl-C and its like be bytes as any other: termios(3), ISIG.
  func stopMakingSignals() {
    var settings = termios()
    guard tcgetattr(slave.raw, &settings) == 0 else { return }
    settings.c_lflag &= ~tcflag_t(ISIG)
    _ = tcsetattr(slave.raw, TCSANOW, &settings)
  }

  /// What it shows now, everything written until now taken into account.
  func screen() -> ScreenText {
    var bytes = [UInt8](repeating: 0, count: 65_536)
    while Readiness.waitReadable(master.raw, timeoutMilliseconds: 0) {
      let count = read(master.raw, &bytes, bytes.count)
      guard count > 0 else { break }
      written += bytes[..<count]
    }
    return ScreenText(written, columns: columns, rows: rows)
  }

  /// Forgets what was written: after a change of size the picture begins anew.
  func forget() {
    _ = screen()
    written = []
  }

  /// Looks until the screen is as the condition wants it; nil when it never is.
  func wait(_ condition: (ScreenText) -> Bool) -> ScreenText? {
    let deadline = Clock.monotonicNanoseconds() + 20_000_000_000
    while Clock.monotonicNanoseconds() < deadline {
      let screen = screen()
      if condition(screen) { return screen }
      _ = Readiness.waitReadable(master.raw, timeoutMilliseconds: 20)
    }
    return nil
  }

  /// Starts the program with this as all three of its streams.
  func start(_ arguments: [String]) throws -> ChildProcess {
    var launch = Launch(path: try ProgramRun.path(), arguments: arguments)
    launch.standardInput = slave.raw
    launch.standardOutput = slave.raw
    launch.standardError = slave.raw
    launch.environment = ["LANG=C.UTF-8", "TERM=xterm"]
    return try Process.spawn(launch)
  }
}
