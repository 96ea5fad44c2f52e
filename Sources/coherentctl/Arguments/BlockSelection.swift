// Memory blocks as the command line names them: a number, a range `2-5` with both its ends, or
// `all`, which is every block that is known when the command runs.
import ArgumentParser
import CoherentControl

enum BlockSelection: Equatable, ExpressibleByArgument {
  case all
  case numbers(ClosedRange<Int>)

  /// Beyond any region's blocks, so that a slip of the finger does not make a list of millions.
  private static let largestNumber = 65_535

  init?(argument: String) {
    if argument == "all" {
      self = .all
      return
    }
    let ends = argument.split(separator: "-", omittingEmptySubsequences: false)
    let numbers = ends.compactMap { end in
      end.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 } ? Int(end) : nil
    }
    guard 1...2 ~= ends.count, numbers.count == ends.count, numbers[0] <= numbers.last!,
      numbers.last! <= Self.largestNumber
    else { return nil }
    self = .numbers(numbers[0]...numbers.last!)
  }

  static func named(_ selections: [BlockSelection]) -> [Int] {
    let ranges = selections.compactMap { selection in
      if case .numbers(let range) = selection { range } else { nil }
    }
    return Set(ranges.joined()).sorted()
  }

  /// The numbers that are meant, each once, in ascending order. Asks the daemon only for `all`.
  static func resolve(
    _ selections: [BlockSelection], _ client: inout ControlClient
  ) throws(ControlFailure) -> [Int] {
    guard selections.contains(.all) else { return named(selections) }
    return try client.blocks().map(\.block).sorted()
  }
}
