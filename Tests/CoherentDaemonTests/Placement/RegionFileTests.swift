// Committing the memory of blocks, on a node and in huge pages, and the sentences when it is not to
// be had.

import CoherentCore
import CoherentSystem
import TestSupport
import Testing

@testable import CoherentDaemon

struct RegionFileTests {
  private let log = Log(level: .error, sink: CollectingSink())
  private let blockBytes: UInt64 = 2 << 20

  @Test(
    .enabled(if: KernelRight.userfaultfd.isThere, "\(KernelRight.userfaultfd)"),
    .enabled(if: KernelRight.memoryPolicy.isThere, "\(KernelRight.memoryPolicy)"))
  func aBlockOnANodeIsCommittedThereAndLookedAt() throws {
    let nodes = DeviceNodes()
    let kind = try nodes.kind(ofNode: 0)
    let thread = ThreadPlacement(nodes, log)
    let region = try makeRegion(nodes, thread)
    #expect(region.committedBytes() == 0)
    try region.commit(3, kind, thread)
    #expect(region.committedBytes() == blockBytes)
    let placement = try region.check(3)
    #expect(placement.pages(on: 0) == Int(blockBytes) / PageSize.bytes && placement.holes == 0)
    #expect(try region.check(2).pages == 0)
    region.giveBack(3)
    #expect(region.committedBytes() == 0)
  }

  @Test(
    .enabled(if: KernelRight.userfaultfd.isThere, "\(KernelRight.userfaultfd)"),
    .enabled(if: KernelRight.memoryPolicy.isThere, "\(KernelRight.memoryPolicy)"))
  func aBlockThatLiesElsewhereIsAnErrorAndIsGivenBack() throws {
    let nodes = DeviceNodes()
    let kind = MemoryKind(rawValue: 1)
    nodes.adopt(kind, node: 1000)
    let region = try makeRegion(nodes, ThreadPlacement(nodes, log))
    // Its memory comes from where the kernel likes, since there is no such node.
    try region.file.fill(offsetBytes: 0, lengthBytes: blockBytes)
    let error = #expect(throws: RegionError.self) { try region.verify(0, kind) {} }
    let pages = Int(blockBytes) / PageSize.bytes
    guard case .misplaced(0, 1000, pages, pages) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func aBlockThatTheHostCannotHoldTakesNothing() throws {
    let nodes = DeviceNodes()
    let thread = ThreadPlacement(nodes, log)
    let region = try makeRegion(nodes, thread, blockBytes: 64 << 30, blocks: 64)
    let error = #expect(throws: RegionError.self) { try region.commit(1, .unbound, thread) }
    #expect(error?.description.hasPrefix("block 1: 64 GiB of host memory needed, ") == true)
    #expect(region.committedBytes() == 0)
  }

  @Test func saysWhatANodeLacks() {
    let error = RegionError.nodeTooSmall(
      what: "block 5", node: 1, wantedBytes: 128 << 20, spareBytes: 16 << 20,
      availableBytes: 100 << 20)
    #expect(
      error.description
        == "block 5: 128 MiB of node 1's memory needed, and 16 MiB that stay free, "
        + "100 MiB available, 44 MiB missing")
  }

  @Test func saysWhichFileToWriteForHugePages() {
    let error = RegionError.noHugePages(.twoMebibytes, setting: "never")
    #expect(
      error.description
        == "HugePages=2M is configured, and the kernel gives memory files no huge pages: "
        + "/sys/kernel/mm/transparent_hugepage/shmem_enabled says never; write always or "
        + "within_size to it")
  }

  @Test func hugePagesAreFoundByTrial() throws {
    let isGiven = try HugeMemory.isGiven(pageBytes: 2 << 20)
    if isGiven {
      try HugePages.twoMebibytes.check()
    } else {
      #expect(throws: RegionError.self) { try HugePages.twoMebibytes.check() }
    }
    try HugePages.no.check()
  }

  private func makeRegion(
    _ nodes: DeviceNodes, _ thread: ThreadPlacement, blockBytes: UInt64 = 2 << 20, blocks: Int = 4
  ) throws -> RegionFile {
    let text = "[Region]\nBlockSize=\(blockBytes)\nBlocks=1\nMaximumBlocks=\(blocks)\n"
    let reading = ConfigurationReading(
      sources: [ConfigurationSource(path: "test", bytes: Array(text.utf8))], pageSizeBytes: 4096)
    let geometry = RegionGeometry(try #require(reading.configuration, "\(reading.problems)"))
    let file = try RegionFile.create(geometry, blocks: 0, .unbound, nodes)
    return try RegionFile(
      filling: file, geometry, blocks: 0, .unbound, nodes, .no, ledger: nil, thread)
  }
}
