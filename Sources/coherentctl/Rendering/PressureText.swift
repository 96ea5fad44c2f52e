// The pressure in the kernel's own format: Documentation/accounting/psi.rst.
import CoherentControl

enum PressureText {
  static func lines(_ report: PressureReport) -> String {
    line("some", report.some) + line("full", report.full)
  }

  private static func line(_ name: String, _ stall: StallReport) -> String {
    "\(name) avg10=\(DecimalText.hundredths(stall.average10))"
      + " avg60=\(DecimalText.hundredths(stall.average60))"
      + " avg300=\(DecimalText.hundredths(stall.average300))"
      + " total=\(stall.totalMicroseconds)\n"
  }
}
