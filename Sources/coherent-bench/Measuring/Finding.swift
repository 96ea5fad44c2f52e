// One line of the benchmark: what was measured, beside the floor that was measured in the same run
// and on the same processors. A target that is missed is a finding like any other.

struct Finding: Sendable {
  let scenario: String
  let label: String
  let value: Sample
  let unit: String
  /// The same work without coherentd; none where there is nothing to compare with.
  let floor: Sample?
  let target: Target?
  /// Memory per allocation, where that is the question.
  let bytesEach: Double?
  /// What one in a hundred exceeds, in the unit of the value, which is what half of them exceed.
  let percentile99: Sample?

  init(
    _ scenario: String, _ label: String, _ value: Sample, unit: String, floor: Sample? = nil,
    target: Target? = nil, bytesEach: Double? = nil, percentile99: Sample? = nil
  ) {
    self.scenario = scenario
    self.label = label
    self.value = value
    self.unit = unit
    self.floor = floor
    self.target = target
    self.bytesEach = bytesEach
    self.percentile99 = percentile99
  }

  /// Ours to the floor's, of the medians: for times less is better, for throughput more.
  var ratio: Double? { floor.map { value.median / $0.median } }

  /// Whether the target is met; nil if there is none.
  var meetsTarget: Bool? {
    switch target {
    case nil: nil
    case .ratioAtMost(let limit, let noise): ratio.map { $0 <= limit + noise }
    case .ratioAtLeast(let limit): ratio.map { $0 >= limit }
    case .valueAtMost(let limit): value.median <= limit
    case .excessAtMost(let limit): floor.map { value.median - $0.median <= limit }
    case .bothAtMost(let ratioLimit, let limit):
      ratio.map { $0 <= ratioLimit && value.median <= limit }
    }
  }
}
