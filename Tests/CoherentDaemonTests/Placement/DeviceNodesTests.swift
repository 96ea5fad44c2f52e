// Kinds of memory and their nodes, and what a thread's policy is for each, on this machine, which
// may have node 0 alone.

import CoherentCore
import CoherentSystem
import Testing

@testable import CoherentDaemon

struct DeviceNodesTests {
  @Test func withoutABindingNothingIsAskedAndNothingSet() throws {
    let nodes = DeviceNodes()
    #expect(!nodes.bindsAny)
    #expect(nodes.node(of: .unbound) == nil)
    #expect(nodes.policy(for: .host) == .standard)
    #expect(nodes.policy(for: .device(.unbound)) == .standard)
  }

  @Test func aNodeKeepsItsKind() throws {
    let nodes = DeviceNodes()
    let kind = try nodes.kind(ofNode: 0)
    #expect(kind != .unbound)
    #expect(try nodes.kind(ofNode: 0) == kind)
    #expect(nodes.node(of: kind) == 0 && nodes.bindsAny)
    #expect(nodes.policy(for: .device(kind)) == .preferred(0))
  }

  @Test func aNodeThatIsNotThereIsRefusedWithThoseThatAre() throws {
    let there = try NodeTopology.current().nodes
    let error = #expect(throws: BindingError.self) { try DeviceNodes().kind(ofNode: 1000) }
    let named = there.nodes.count == 1 ? "node \(there) only" : "nodes \(there)"
    #expect(error?.description == "node 1000 does not exist; this machine has \(named)")
  }

  @Test func whatIsNoDevicesLiesOnTheOtherNodes() throws {
    let withMemory = try NodeTopology.current().nodesWithMemory
    let nodes = DeviceNodes()
    nodes.adopt(MemoryKind(rawValue: 3), node: 1000)
    #expect(nodes.policy(for: .host) == .bound(withMemory))
    #expect(nodes.policy(for: .device(.unbound)) == .bound(withMemory))
    #expect(nodes.policy(for: .device(MemoryKind(rawValue: 3))) == .preferred(1000))
    // Its number is taken, the lowest free one is given out next.
    #expect(try nodes.kind(ofNode: 0) == MemoryKind(rawValue: 1))
    let left = withMemory.subtracting(NodeSet([0]))
    #expect(nodes.policy(for: .host) == (left.isEmpty ? .standard : .bound(left)))
  }

  @Test func aNodeWithoutABlockIsNoDevicesAnyMore() throws {
    let nodes = DeviceNodes()
    let kind = try nodes.kind(ofNode: 0)
    nodes.adopt(MemoryKind(rawValue: 5), node: 1000)
    nodes.release(except: [.unbound, kind])
    #expect(nodes.node(of: kind) == 0 && nodes.bindsAny)
    nodes.release(except: [.unbound])
    #expect(!nodes.bindsAny && nodes.ordinaryPolicy == .standard)
    #expect(try nodes.kind(ofNode: 0) == kind, "the lowest kind is free again")
  }

  @Test func moreNodesThanKindsAreRefused() throws {
    let nodes = DeviceNodes()
    for kind in 1..<MemoryKind.count {
      nodes.adopt(MemoryKind(rawValue: UInt8(kind)), node: 1000 + kind)
    }
    let error = #expect(throws: BindingError.self) { try nodes.kind(ofNode: 0) }
    #expect(error?.description.contains("bound to 7 nodes already") == true)
  }
}
