// What a look at some pages has shown: on which NUMA node how many of them lie.

/// Pages counted by where they lie.
package struct PagePlacement: Equatable, Sendable {
  /// Pages of the memory file that have no memory.
  package private(set) var holes = 0
  /// Pages that have, by node; those that came or went during the look are in neither.
  package private(set) var pagesByNode: [Int: Int] = [:]

  package init() {}

  /// Pages that have memory.
  package var pages: Int { pagesByNode.values.reduce(0, +) }

  package func pages(on node: Int) -> Int { pagesByNode[node] ?? 0 }

  /// Pages that lie on no node of the set.
  package func pages(outside nodes: NodeSet) -> Int {
    pagesByNode.reduce(0) { $0 + (nodes.contains($1.key) ? 0 : $1.value) }
  }

  mutating func countHole() { holes += 1 }

  mutating func count(node: Int) { pagesByNode[node, default: 0] += 1 }

  package static func += (sum: inout PagePlacement, other: PagePlacement) {
    sum.holes += other.holes
    sum.pagesByNode.merge(other.pagesByNode, uniquingKeysWith: +)
  }
}
