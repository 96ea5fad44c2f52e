// Which NUMA nodes this machine has, and which of them have memory: numa(7), and the kernel's
// sysfs-devices-node. A snapshot: nodes come and go with the memory that is plugged in.

import Glibc

/// The machine's NUMA nodes at one moment.
package struct NodeTopology: Equatable, Sendable {
  /// Those that are online.
  package let nodes: NodeSet
  /// Those of them that have memory.
  package let nodesWithMemory: NodeSet

  package static let systemDirectory = "/sys/devices/system/node"

  package init(nodes: NodeSet, nodesWithMemory: NodeSet) {
    self.nodes = nodes
    self.nodesWithMemory = nodesWithMemory
  }

  /// Reads it from sysfs. A kernel without NUMA has node 0 with all memory.
  package static func current(
    directory: String = systemDirectory
  ) throws(SystemError) -> NodeTopology {
    guard SmallFile.exists(path: directory) else {
      return NodeTopology(nodes: NodeSet([0]), nodesWithMemory: NodeSet([0]))
    }
    return NodeTopology(
      nodes: try readList("\(directory)/online"),
      nodesWithMemory: try readList("\(directory)/has_memory"))
  }

  /// Throws unless memory can be taken from this node.
  package func check(_ node: Int) throws(NodeFault) {
    guard nodes.contains(node) else { throw .noSuchNode(node, there: nodes) }
    guard nodesWithMemory.contains(node) else {
      throw .withoutMemory(node, withMemory: nodesWithMemory)
    }
  }

  private static func readList(_ path: String) throws(SystemError) -> NodeSet {
    let text = try SmallFile.read(path: path, maximumBytes: 1 << 16)
    guard let set = NodeSet(listText: String(decoding: text, as: UTF8.self)) else {
      throw SystemError(operation: "read", code: EBADMSG, context: "of the nodes in \(path)")
    }
    return set
  }
}

/// A node that memory cannot be taken from.
package enum NodeFault: Error, Equatable, CustomStringConvertible {
  case noSuchNode(Int, there: NodeSet)
  case withoutMemory(Int, withMemory: NodeSet)

  package var description: String {
    switch self {
    case .noSuchNode(let node, let there):
      "node \(node) does not exist; this machine has \(Self.named(there))"
    case .withoutMemory(let node, let others):
      "node \(node) has no memory; this machine has memory on \(Self.named(others))"
    }
  }

  private static func named(_ set: NodeSet) -> String {
    set.nodes.count == 1 ? "node \(set) only" : "nodes \(set)"
  }
}
