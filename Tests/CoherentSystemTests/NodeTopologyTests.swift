// This machine's nodes, and those of machines that are made of files.

import Glibc
import Testing

@testable import CoherentSystem

struct NodeTopologyTests {
  @Test func knowsNodeZeroOfThisMachine() throws {
    let topology = try NodeTopology.current()
    #expect(topology.nodes.contains(0) && topology.nodesWithMemory.contains(0))
    #expect(throws: Never.self) { try topology.check(0) }
    let memory = try NodeMemory.current(of: 0)
    #expect(memory.totalBytes > memory.freeBytes && memory.availableBytes <= memory.freeBytes)
    #expect(memory.reserveBytes > 0 && memory.reserveBytes < memory.totalBytes)
  }

  @Test func saysWhichNodesThereAre() {
    let one = NodeTopology(nodes: NodeSet([0]), nodesWithMemory: NodeSet([0]))
    let two = NodeTopology(nodes: NodeSet([0, 1, 2]), nodesWithMemory: NodeSet([0, 2]))
    #expect(
      sentence(one, 3) == "node 3 does not exist; this machine has node 0 only")
    #expect(
      sentence(two, 3) == "node 3 does not exist; this machine has nodes 0, 1 and 2")
    #expect(
      sentence(two, 1) == "node 1 has no memory; this machine has memory on nodes 0 and 2")
    #expect(sentence(two, 2) == nil)
  }

  @Test func aKernelWithoutNodesHasNodeZero() throws {
    let topology = try NodeTopology.current(directory: "/sys/devices/system/no-such-directory")
    #expect(topology == NodeTopology(nodes: NodeSet([0]), nodesWithMemory: NodeSet([0])))
  }

  @Test func addsUpWhatTheKernelKeepsFreeInEachZoneOfANode() throws {
    let directory = try Directory.createTemporary(prefix: "coherent-nodes-")
    try Directory.create(path: "\(directory)/node1")
    defer {
      for name in ["node1/meminfo", "zones"] { try? SmallFile.remove(path: "\(directory)/\(name)") }
      try? Directory.removeEmpty(path: "\(directory)/node1")
      try? Directory.removeEmpty(path: directory)
    }
    try SmallFile.write(
      path: "\(directory)/node1/meminfo",
      Array("Node 1 MemTotal:  131072 kB\nNode 1 MemFree:  4096 kB\n".utf8)
        + Array("Node 1 Active(file):  2048 kB\nNode 1 Inactive(file):  2048 kB\n".utf8))
    let zones = """
      Node 0, zone   Normal
        pages free     10
              high     1000
      Node 1, zone   Normal
        pages free     10
              high     100
        pagesets
          cpu: 0
                    high:     63
      Node 1, zone  Movable
              high     20
      Node 11, zone  Movable
              high     5000

      """
    try SmallFile.write(path: "\(directory)/zones", Array(zones.utf8))
    let memory = try NodeMemory.current(
      of: 1, directory: directory, zonesPath: "\(directory)/zones")
    #expect(memory.totalBytes == 128 << 20)
    #expect(memory.reserveBytes == 120 * UInt64(PageSize.bytes))
    #expect(memory.availableBytes == (4 << 20) - 120 * UInt64(PageSize.bytes))
    #expect(memory.reclaimableBytes == (8 << 20) - 240 * UInt64(PageSize.bytes))
  }

  @Test func aNodeThatIsNotThereHasNoMemoryToReport() {
    let error = #expect(throws: SystemError.self) { try NodeMemory.current(of: 1000) }
    #expect(error?.code == ENOENT)
  }

  private func sentence(_ topology: NodeTopology, _ node: Int) -> String? {
    do throws(NodeFault) {
      try topology.check(node)
      return nil
    } catch {
      return error.description
    }
  }
}
