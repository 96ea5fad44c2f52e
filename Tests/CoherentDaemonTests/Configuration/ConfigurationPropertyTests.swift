// Properties over random input: nothing crashes the parser, and what it writes it reads back.

import CoherentDaemon
import Testing

@Suite struct ConfigurationPropertyTests {
  /// Pieces that reach deep into the parser, to be mixed with noise.
  private static let pieces: [[UInt8]] =
    ConfigurationTable.rows.flatMap { row in
      ["[\(row.section)]\n", "\(row.name)=", "\(row.name)=\(row.defaultValue.render())\n"]
    }.map { Array($0.utf8) }
    + ["=", "\n", "\\\n", "[", "]", "#", ";", "%", "9", "18446744073709551615", "K", "T", "ms"]
    .map { Array($0.utf8) } + [[0], [0xFF], [0xC3], [0xEF, 0xBB, 0xBF], [0x0D]]

  @Test func survivesRandomBytes() {
    var generator = ConfigurationGenerator.fromEnvironment(for: "survivesRandomBytes")
    for _ in 0..<2_000 {
      var bytes: [UInt8] = []
      for _ in 0..<Int.random(in: 0...60, using: &generator) {
        if Bool.random(using: &generator) {
          bytes += Self.pieces.randomElement(using: &generator) ?? []
        } else {
          bytes.append(UInt8.random(in: .min ... .max, using: &generator))
        }
      }
      let reading = ConfigurationSample.read([bytes])
      #expect((reading.configuration == nil) == !reading.problems.isEmpty)
      for problem in reading.problems {
        #expect(!problem.description.utf8.contains { $0 < 0x20 }, "\(generator.seed)")
      }
    }
  }

  /// A value of the kind, with the ends of its range more often than chance has them.
  private func value(
    _ kind: ConfigurationKind, _ generator: inout ConfigurationGenerator
  ) -> ConfigurationValue {
    func number(_ range: ClosedRange<UInt64>) -> UInt64 {
      let inside = UInt64.random(in: range, using: &generator)
      return [range.lowerBound, range.upperBound, inside].randomElement(using: &generator) ?? inside
    }
    switch kind {
    case .size(let range): return .bytes(number(range))
    case .powerOfTwoSize(let range):
      let shifts = range.lowerBound.trailingZeroBitCount...range.upperBound.trailingZeroBitCount
      return .bytes(1 << UInt64(Int.random(in: shifts, using: &generator)))
    case .share(let hundredths, let bytes):
      return Bool.random(using: &generator)
        ? .share(.hundredthsOfPercent(number(0...hundredths))) : .share(.bytes(number(0...bytes)))
    case .time(let range): return .milliseconds(number(range))
    case .count(let range): return .count(number(range))
    case .flag: return .flag(Bool.random(using: &generator))
    case .mode: return .mode(UInt32(number(0...0o777)))
    case .socketPath: return .text("/run/é/\(number(0 ... .max))")
    case .group: return .text(["", "users", "0"].randomElement(using: &generator) ?? "")
    case .logLevel: return .level(LogLevel.allCases.randomElement(using: &generator) ?? .info)
    case .node: return .node([nil, 0, 7, 1023].randomElement(using: &generator) ?? nil)
    case .hugePages:
      return .hugePages(HugePages.allCases.randomElement(using: &generator) ?? .no)
    }
  }

  @Test func readsBackWhatItWrites() {
    var generator = ConfigurationGenerator.fromEnvironment(for: "readsBackWhatItWrites")
    for _ in 0..<500 {
      var values: [ConfigurationValue] = []
      var text = ""
      for row in ConfigurationTable.rows {
        values.append(value(row.kind, &generator))
        text += "[\(row.section)]\n\(row.name)=\(values[values.count - 1].render())\n"
      }
      let reading = ConfigurationSample.read(text)
      #expect(reading.settings.map(\.value) == values, "\(generator.seed)")
      let again = ConfigurationSample.read(reading.render())
      #expect(again.settings.map(\.value) == values, "\(generator.seed)")
    }
  }
}
