// The line that `systemctl status` shows: told when it is another one than the last, at most once
// for each time that it is asked for. The control loop owns it.

struct StatusLine {
  private var last = ""

  /// Tells it if it changed.
  mutating func tell(_ text: String) {
    guard text != last else { return }
    last = text
    Supervisor.status(text)
  }

  /// It was told with something else.
  mutating func wasTold(_ text: String) { last = text }
}
