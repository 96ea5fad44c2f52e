// The line on the terminal that says how far going offline is. It is as wide as the terminal is
// when it is drawn, so that none is ever broken in two, and gone when something else is said.
import CoherentControl
import CoherentSystem

struct OfflineProgress {
  /// Whether somebody looks.
  let isShown: Bool

  func show(_ pending: [BlockReport]) {
    draw { OfflineText.progress(pending, columns: $0) }
  }

  func noteAbsence(_ complaint: Complaint) {
    draw { ClippedText.text("\(complaint.message); trying again", width: $0, Style()) }
  }

  /// Says something that stays.
  func note(_ text: String) {
    guard !text.isEmpty else { return }
    clear()
    StandardError.write(text)
  }

  func clear() {
    if isShown { StandardError.write("\r\u{1B}[K") }
  }

  /// The last column stays free: a full line would take the cursor to the next.
  private func draw(_ line: (Int) -> String) {
    guard isShown else { return }
    StandardError.write("\r\u{1B}[K" + line(max((Terminal.width(2) ?? 80) - 1, 1)))
  }
}
