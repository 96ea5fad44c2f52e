// The memory policy of one of the daemon's threads: whatever it allocates for a device lies on the
// device's node, everything else on ordinary nodes. A thread rests at the ordinary policy, so that
// page tables, which it allocates as it maps, never take the device's memory.
//
// For a device's node the policy is to prefer it, not to be bound to it. A bound allocation on a
// node without a free page ends in the out-of-memory killer, which takes any process of the machine
// (seen on 6.12), and an access of a client may have no such price. A preferred one lands
// elsewhere, and the checks find it. That it does not come to that is the work of others: a block
// is committed only if its node keeps some memory free, and a pager carves before it places more
// than that.

import CoherentCore
import CoherentSystem

final class ThreadPlacement {
  // SAFETY: of one thread, whose policy it knows, and used by that thread only.
  private let nodes: DeviceNodes
  private let log: Log
  private var policy: MemoryPolicy?
  private var hasComplained = false

  init(_ nodes: DeviceNodes, _ log: Log) {
    self.nodes = nodes
    self.log = log
  }

  /// Runs a body whose allocations are for `target`. Where no memory was ever bound it costs a
  /// load; else two system calls for a device's memory and none for the host's.
  func allocating<Value>(
    for target: FillTarget, _ body: () throws(SystemError) -> Value
  ) throws(SystemError) -> Value {
    guard nodes.bindsAny || policy != nil else { return try body() }
    set(nodes.policy(for: target))
    defer { set(nodes.ordinaryPolicy) }
    return try body()
  }

  /// A policy that the kernel refuses (the node has lost its memory) leaves the old one: an access
  /// must go on, and where its pages lie is found by the checks.
  private func set(_ wanted: MemoryPolicy) {
    if policy == wanted { return }
    do throws(SystemError) {
      try wanted.apply()
      policy = wanted
    } catch {
      if !hasComplained { log.error("memory cannot be placed as configured: \(error)") }
      hasComplained = true
    }
  }
}
