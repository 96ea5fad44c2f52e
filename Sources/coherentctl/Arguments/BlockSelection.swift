// Memory blocks as the command line names them: a number, a range `2-5` with both its ends, or
// `all`, which is every block that is known when the command runs.
import ArgumentParser
import CoherentControl

enum BlockSelection: Equatable {
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

  /// Throws what is wrong with it, and what was expected.
  static func parsed(_ argument: String) throws -> BlockSelection {
    guard let selection = BlockSelection(argument: argument) else {
      throw ValidationError(complaint(about: argument))
    }
    return selection
  }

  /// A number below zero among the arguments of `block`, which the parser would take for an option
  /// that there is not. The value of an option is none.
  static func negative(in arguments: [String]) -> String? {
    guard arguments.first == "block" else { return nil }
    return zip(arguments, arguments.dropFirst()).first { before, argument in
      !before.hasPrefix("--") && argument.hasPrefix("-") && argument.count > 1
        && argument.dropFirst().allSatisfy { $0.isASCII && $0.isNumber }
    }?.1
  }

  private static func complaint(about argument: String) -> String {
    let words = argument.split { $0 == "," }
    if words.count > 1, words.allSatisfy({ BlockSelection(argument: String($0)) != nil }) {
      return "blocks are separated by spaces: \(words.joined(separator: " "))"
    }
    let ends = argument.split(separator: "-").compactMap { Int($0) }
    if ends.contains(where: { $0 > largestNumber }) {
      return "no block has a number above \(largestNumber)"
    }
    if ends.count == 2, ends[0] > ends[1] {
      return "a range begins with its lower end: \(ends[1])-\(ends[0])"
    }
    return "expected a number, a range (2-5) or all"
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
