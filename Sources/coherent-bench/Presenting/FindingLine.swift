// A finding as a JSON object. The keys are an interface: scripts read them.

struct FindingLine: Encodable {
  let scenario: String
  let label: String
  let value: Double
  let unit: String
  let floor: Double?
  let ratio: Double?
  let bytesEach: Double?
  let p50Nanoseconds: Double?
  let p99Nanoseconds: Double?

  init(_ finding: Finding) {
    scenario = finding.scenario
    label = finding.label
    value = FindingText.rounded(finding.value.median)
    unit = finding.unit
    floor = finding.floor.map { FindingText.rounded($0.median) }
    ratio = finding.ratio.map(FindingText.rounded)
    bytesEach = finding.bytesEach.map(FindingText.rounded)
    // Quantiles are measured of times in nanoseconds only.
    p50Nanoseconds = finding.percentile99.map { _ in FindingText.rounded(finding.value.median) }
    p99Nanoseconds = finding.percentile99.map { FindingText.rounded($0.median) }
  }

  enum CodingKeys: String, CodingKey {
    case scenario, label, value, unit, floor, ratio
    case bytesEach = "bytes_each"
    case p50Nanoseconds = "p50_ns"
    case p99Nanoseconds = "p99_ns"
  }

  /// Without a floor the keys are there all the same, as null; `bytes_each`, `p50_ns` and
  /// `p99_ns` only where they belong.
  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(scenario, forKey: .scenario)
    try container.encode(label, forKey: .label)
    try container.encode(value, forKey: .value)
    try container.encode(unit, forKey: .unit)
    try container.encode(floor, forKey: .floor)
    try container.encode(ratio, forKey: .ratio)
    try container.encodeIfPresent(bytesEach, forKey: .bytesEach)
    try container.encodeIfPresent(p50Nanoseconds, forKey: .p50Nanoseconds)
    try container.encodeIfPresent(p99Nanoseconds, forKey: .p99Nanoseconds)
  }
}
