// What came of `files`: as JSON, the keys are an interface.

import CoherentControl
import CoherentWire

struct FilesSummary: Encodable, Equatable {
  var files = 0
  var bytes = 0
  var mismatches = 0
  var evictedFrames: UInt64 = 0
  var restoredFrames: UInt64 = 0
  var skipped = 0
  var checked = 0

  enum CodingKeys: String, CodingKey {
    case files, bytes, mismatches, skipped
    case evictedFrames = "evicted_frames"
    case restoredFrames = "restored_frames"
  }

  init() {}

  /// The workers' reports added up, and what the daemon did since `before`.
  init(_ reports: [WorkerReport], before: StatusReport, now: StatusReport) {
    for report in reports {
      files += report.files
      bytes += report.bytes
      mismatches += report.mismatches
      skipped += report.skipped
      checked += report.checked
    }
    evictedFrames = now.evictedFrames - before.evictedFrames
    restoredFrames = now.restoredFrames - before.restoredFrames
  }

  /// One line while the work goes on.
  var progress: String {
    let done = checked > 0 ? "\(checked) of \(files) files checked" : "\(files) files loaded"
    return "\(done), \(HumanSize(UInt64(bytes))), \(evictedFrames) frames evicted, "
      + "\(restoredFrames) restored, \(mismatches) mismatches"
  }

  func text(seconds: Double) -> String {
    let skippedText = skipped == 0 ? "" : " (\(skipped) unreadable or changed, skipped)"
    return """
      \(files) files\(skippedText), \(HumanSize(UInt64(bytes))), in \
      \(FindingText.fixed(seconds, digits: 1)) s: \(mismatches) mismatches
      \(evictedFrames) frames evicted, \(restoredFrames) restored

      """
  }
}
