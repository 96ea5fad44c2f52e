// Whether there is memory for a block before any of it is taken. Who has not the memory is told so,
// not driven into the out-of-memory killer.

import CoherentCore
import CoherentSystem

extension DeviceNodes {
  /// Throws what is missing: of the host, and of the node that the kind is bound to. Such a node
  /// has to keep a little free, for the moments in which a frame's memory is placed and not yet
  /// carved.
  func checkMemory(
    for what: String, _ kind: MemoryKind, _ wantedBytes: UInt64
  ) throws(RegionError) {
    let availableBytes: UInt64
    do throws(SystemError) {
      availableBytes = try HostMemory.availableBytes()
    } catch {
      throw .system(error)
    }
    guard wantedBytes <= availableBytes else {
      throw .hostTooSmall(what: what, wantedBytes: wantedBytes, availableBytes: availableBytes)
    }
    if let node = node(of: kind) {
      try checkMemory(for: what, onNode: node, wantedBytes)
    } else if case .bound(let nodes) = ordinaryPolicy {
      try checkMemory(for: what, onNodes: nodes, wantedBytes)
    }
  }

  /// What is not bound lies on the ordinary nodes only, as soon as anything is bound.
  private func checkMemory(
    for what: String, onNodes nodes: NodeSet, _ wantedBytes: UInt64
  ) throws(RegionError) {
    var availableBytes: UInt64 = 0
    do throws(SystemError) {
      for node in nodes.nodes {
        availableBytes += try NodeMemory.current(of: node).reclaimableBytes
      }
    } catch {
      throw .system(error)
    }
    guard wantedBytes <= availableBytes else {
      throw .hostTooSmall(what: what, wantedBytes: wantedBytes, availableBytes: availableBytes)
    }
  }

  private func checkMemory(
    for what: String, onNode node: Int, _ wantedBytes: UInt64
  ) throws(RegionError) {
    let memory: NodeMemory
    do throws(SystemError) {
      memory = try NodeMemory.current(of: node)
    } catch {
      throw .system(error)
    }
    let spareBytes = Housekeeper.headroomBytes
    guard wantedBytes + spareBytes <= memory.availableBytes else {
      throw .nodeTooSmall(
        what: what, node: node, wantedBytes: wantedBytes, spareBytes: spareBytes,
        availableBytes: memory.availableBytes)
    }
  }
}
