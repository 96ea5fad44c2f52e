// How findings are shown: a table for people, one block a scenario, or one JSON object a line. Each
// finding is shown as soon as it is there.

import CoherentControl
import CoherentSystem

final class Presenter {
  private let isJSON: Bool
  private var findings: [Finding] = []
  private var hasHeader = false

  init(isJSON: Bool) { self.isJSON = isJSON }

  func begin(_ scenario: String) {
    findings = []
    if !isJSON, Terminal.isTerminal(2) { StandardError.write("measuring \(scenario) ...\r") }
  }

  func add(_ finding: Finding) {
    if isJSON {
      let text = JSONCoding.encode(FindingLine(finding))
      StandardOutput.write(String(decoding: text, as: UTF8.self) + "\n")
    } else {
      findings.append(finding)
    }
  }

  func end() {
    if isJSON { return }
    if Terminal.isTerminal(2) { StandardError.write("\u{1B}[K") }
    if !hasHeader { StandardOutput.write(FindingTable.header) }
    hasHeader = true
    StandardOutput.write(FindingTable.rows(findings))
  }
}
