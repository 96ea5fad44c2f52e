// Which kind of memory of the core lies on which NUMA node. The core knows kinds by number only;
// the nodes behind them are known here, from the configuration, from blocks that were added, and
// from the ledger. A kind keeps its node for as long as there is a block of it.
//
// Everything that is not on a device's node (host memory, host stores, blocks bound to none) lies
// on the ordinary nodes: all that have memory, less the bound ones. Where nothing is bound, or no
// ordinary node is left, the kernel's own policy decides.

import CoherentCore
import CoherentSystem
import Synchronization

final class DeviceNodes: Sendable {
  private struct Binding {
    /// The node of each kind, at its number; nil at 0, and where none is bound yet.
    var nodes = [Int?](repeating: nil, count: MemoryKind.count)
    var ordinary: MemoryPolicy = .standard
  }

  private let binding = Mutex(Binding())
  /// So that a daemon without any binding does not ask further.
  private let isAnyBound = Atomic<Bool>(false)

  /// The kinds that the core can tell apart, but for that of unbound memory.
  static let maximumKinds = MemoryKind.count - 1

  /// The kind of a node's memory, a new one where it has none yet. Throws unless memory can be
  /// taken from the node.
  func kind(ofNode node: Int) throws(BindingError) -> MemoryKind {
    let topology: NodeTopology
    do throws(SystemError) {
      topology = try NodeTopology.current()
    } catch {
      throw .system(error)
    }
    do throws(NodeFault) {
      try topology.check(node)
    } catch {
      throw .node(error)
    }
    return try binding.withLock { binding throws(BindingError) in
      if let index = binding.nodes.firstIndex(of: node) {
        return MemoryKind(rawValue: UInt8(index))
      }
      guard let index = binding.nodes.indices.dropFirst().first(where: { binding.nodes[$0] == nil })
      else { throw .tooManyNodes(node) }
      bind(index, node, topology, &binding)
      return MemoryKind(rawValue: UInt8(index))
    }
  }

  /// Unbinds all kinds but those that blocks have.
  func release(except used: Set<MemoryKind>) {
    let topology = try? NodeTopology.current()
    binding.withLock { binding in
      for index in binding.nodes.indices where !used.contains(MemoryKind(rawValue: UInt8(index))) {
        binding.nodes[index] = nil
      }
      settle(topology, &binding)
    }
  }

  /// Goes on with a binding of the daemon before. The node may be gone since: where the memory lies
  /// then is found by the checks.
  func adopt(_ kind: MemoryKind, node: Int) {
    if kind == .unbound { return }
    let topology = try? NodeTopology.current()
    binding.withLock { binding in
      let index = Int(kind.rawValue)
      invariant(
        binding.nodes[index] == nil || binding.nodes[index] == node, "a kind keeps its node")
      bind(index, node, topology, &binding)
    }
  }

  /// The node of a kind; nil for unbound memory, and for a kind whose last block is gone.
  func node(of kind: MemoryKind) -> Int? {
    if kind == .unbound { return nil }
    return binding.withLock { $0.nodes[Int(kind.rawValue)] }
  }

  /// Whether any kind has a node.
  var bindsAny: Bool { isAnyBound.load(ordering: .acquiring) }

  /// The policy of a thread while it allocates for `target`.
  func policy(for target: FillTarget) -> MemoryPolicy {
    if case .device(let kind) = target, let node = node(of: kind) { return .preferred(node) }
    return ordinaryPolicy
  }

  /// The policy of a thread that allocates no device memory.
  var ordinaryPolicy: MemoryPolicy { binding.withLock { $0.ordinary } }

  private func bind(
    _ index: Int, _ node: Int, _ topology: NodeTopology?, _ binding: inout Binding
  ) {
    binding.nodes[index] = node
    settle(topology, &binding)
  }

  /// What follows from the nodes that are bound.
  private func settle(_ topology: NodeTopology?, _ binding: inout Binding) {
    let bound = NodeSet(binding.nodes.compactMap(\.self))
    let ordinary = topology?.nodesWithMemory.subtracting(bound) ?? NodeSet()
    binding.ordinary = bound.isEmpty || ordinary.isEmpty ? .standard : .bound(ordinary)
    isAnyBound.store(!bound.isEmpty, ordering: .releasing)
  }
}

/// A node that no block can be bound to.
enum BindingError: Error, CustomStringConvertible {
  case node(NodeFault)
  /// The nodes that blocks are bound to are as many as the core can tell apart.
  case tooManyNodes(Int)
  case system(SystemError)

  var description: String {
    switch self {
    case .node(let fault): fault.description
    case .tooManyNodes(let node):
      "no block can be bound to node \(node): blocks are bound to \(DeviceNodes.maximumKinds) "
        + "nodes already, and to more they cannot be"
    case .system(let error): "cannot find out which nodes there are: \(error)"
    }
  }
}
