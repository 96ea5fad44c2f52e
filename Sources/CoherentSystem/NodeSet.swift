// Some of the machine's NUMA nodes: numa(7). A plain value, laid out as the kernel's calls want it.

/// A set of NUMA nodes, by their numbers.
package struct NodeSet: Equatable, Sendable {
  /// A bit a node, the lowest first. Always as many words, so that equal sets are equal.
  private(set) var words: [UInt64]

  /// No kernel has more (CONFIG_NODES_SHIFT is at most 10).
  package static let maximumNodes = 1024
  static let wordCount = maximumNodes / 64

  /// The set of these nodes, each below `maximumNodes`.
  package init(_ nodes: some Sequence<Int> = []) {
    words = Array(repeating: 0, count: Self.wordCount)
    for node in nodes { insert(node) }
  }

  init(words: [UInt64]) {
    invariant(words.count == Self.wordCount, "a set of nodes has all of its words")
    self.words = words
  }

  /// Reads the kernel's list format, "0-1,4" and a line end: cpuset(7). Nil for anything else.
  package init?(listText text: some StringProtocol) {
    self.init()
    for part in text.split(whereSeparator: { $0 == "," || $0 == "\n" }) {
      let ends = part.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        .map { Int($0) }
      guard let first = ends.first ?? nil, let last = ends.last ?? nil, first >= 0,
        first <= last, last < Self.maximumNodes
      else { return nil }
      for node in first...last { insert(node) }
    }
  }

  package var isEmpty: Bool { words.allSatisfy { $0 == 0 } }

  /// In ascending order.
  package var nodes: [Int] { (0..<Self.maximumNodes).filter(contains) }

  package func contains(_ node: Int) -> Bool {
    node >= 0 && node < Self.maximumNodes && words[node / 64] & (1 << UInt64(node % 64)) != 0
  }

  package mutating func insert(_ node: Int) {
    invariant(node >= 0 && node < Self.maximumNodes, "a node's number is one that can be")
    words[node / 64] |= 1 << UInt64(node % 64)
  }

  /// The nodes of this set that the other has not.
  package func subtracting(_ other: NodeSet) -> NodeSet {
    NodeSet(words: zip(words, other.words).map { $0 & ~$1 })
  }
}

extension NodeSet: CustomStringConvertible {
  /// As people write it: "0, 1 and 4".
  package var description: String {
    let names = nodes.map(String.init)
    guard let last = names.last, names.count > 1 else { return names.first ?? "none" }
    return names.dropLast().joined(separator: ", ") + " and " + last
  }
}
