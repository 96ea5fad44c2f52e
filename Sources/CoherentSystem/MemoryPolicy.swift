// From which NUMA nodes the kernel takes a thread's memory: numa(7). It counts for every page that
// the thread's own calls allocate, also in memory files (fallocate, write), as long as the file has
// no policy of its own. A thread starts with that of the thread which started it.

import CLinux
import Glibc

/// The memory policy of a thread.
package enum MemoryPolicy: Equatable, Sendable {
  /// The kernel's own: the nearest node first, then any (MPOL_DEFAULT).
  case standard
  /// This node first, then any other, without waiting or reclaiming for it (MPOL_PREFERRED).
  case preferred(Int)
  /// Only these nodes: where they are full, memory is reclaimed there, and if that is of no use the
  /// out-of-memory killer comes (MPOL_BIND).
  case bound(NodeSet)

  /// Makes it the calling thread's: set_mempolicy(2). Throws EINVAL where no node of it has memory
  /// that this process may use, ENOSYS without NUMA in the kernel, EPERM where a sandbox forbids
  /// it.
  package func apply() throws(SystemError) {
    let (mode, set) = arguments
    try checked("set_mempolicy", "to \(self)") {
      clinux_set_mempolicy(mode, set.words, set.isEmpty ? 0 : set.words.count)
    }
  }

  /// That of the calling thread: get_mempolicy(2). Throws ENOTSUP for one that this type has not.
  package static func current() throws(SystemError) -> MemoryPolicy {
    var mode: CInt = 0
    var words = NodeSet().words
    try checked("get_mempolicy") { clinux_get_mempolicy(&mode, &words, words.count) }
    let set = NodeSet(words: words)
    switch mode {
    case clinux_MPOL_DEFAULT: return .standard
    case clinux_MPOL_PREFERRED: return set.nodes.first.map { .preferred($0) } ?? .standard
    case clinux_MPOL_BIND: return .bound(set)
    default:
      throw SystemError(operation: "get_mempolicy", code: ENOTSUP, context: "of mode \(mode)")
    }
  }

  private var arguments: (CInt, NodeSet) {
    switch self {
    case .standard: (clinux_MPOL_DEFAULT, NodeSet())
    case .preferred(let node): (clinux_MPOL_PREFERRED, NodeSet([node]))
    case .bound(let nodes): (clinux_MPOL_BIND, nodes)
    }
  }
}

extension MemoryPolicy: CustomStringConvertible {
  package var description: String {
    switch self {
    case .standard: "the standard policy"
    case .preferred(let node): "prefer node \(node)"
    case .bound(let nodes): "nodes \(nodes) only"
    }
  }
}
