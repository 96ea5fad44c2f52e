// A device that is real memory of a node of its own, as on a CXL card: put in, used, left and
// pulled out while clients work, every byte compared and every page's node asked of the kernel.

import Testing

extension MachineTests {
  @Suite(.enabled(if: obstacle == nil, reason)) struct HotPlug {
    /// Blocks of 32 MiB, one of which is ordinary memory.
    private static let configuration = "[Region]\\nBlockSize=32M\\nBlocks=1"
    private static let blockKibibytes = 32 << 10
    private static let dataKibibytes = 2 * 2 * 12 << 10

    @Test func aBlockIsTheMemoryOfItsNodeUntilThatIsPulledOut() throws {
      try Guest.with { guest in
        try guest.startDaemon(Self.configuration)
        let before = try guest.number("shared_memory 0")
        let missing = try guest.run("coherentctl block add --node 1")
        #expect(missing.status == 1)
        #expect(missing.output.contains("node 1 does not exist"))
        let clients = try ["one", "two"].map { try GuestClient($0, in: guest) }
        for client in clients { try client.fill(buffers: 0..<2, bytesEach: 12 << 20) }

        // If node 0 is a device's, what is evicted lies where it must not.
        try guest.plug(mebibytes: 256)
        try guest.done("coherentctl evict --all")
        try guest.done("coherentctl block add 9 --node 0")
        let misplaced = try guest.run("coherentctl block list")
        #expect(misplaced.status == 1)
        #expect(misplaced.output.contains("pages of evicted data lie on nodes that"))
        try guest.done("coherentctl block remove 9")
        try guest.done("coherentctl block list")
        for client in clients { try client.verify(buffers: 0..<2) }

        // The device moves to the DIMM with all that is on it.
        try guest.done("coherentctl block add --node 1 --online")
        try guest.done("coherentctl block offline 0")
        for client in clients { try client.verify(buffers: 0..<2) }
        try Self.expectDeviceOnNode1(guest, clients)

        // What is evicted is in ordinary memory; the block stays committed where it is.
        try guest.done("coherentctl evict --all")
        #expect(try guest.number("shared_memory 1") == Self.blockKibibytes)
        let copies = try guest.number("shared_memory 0") - (before - Self.blockKibibytes)
        #expect(copies >= Self.dataKibibytes)
        for client in clients { #expect(try client.mappedPages(node: 1) == 0) }
        for client in clients { try client.verify(buffers: 0..<2) }
        try Self.expectDeviceOnNode1(guest, clients)

        // The last block goes, then its memory.
        try guest.done("coherentctl block offline 1")
        #expect(try guest.number("shared_memory 1") == 0)
        try guest.done("coherentctl block remove 1")
        try guest.done("offline_node 1")
        try guest.unplug()
        for client in clients { try client.verify(buffers: 0..<2) }

        // Another block brings the device back.
        try guest.done("coherentctl block online 0")
        for client in clients { try client.verify(buffers: 0..<2) }
      }
    }

    /// All of the block is on the node, and nothing else is; and so are all pages of the device
    /// that clients have mapped, which is all that is on the device, as all of it was just read.
    private static func expectDeviceOnNode1(_ guest: Guest, _ clients: [GuestClient]) throws {
      try guest.wait(until: "settled")
      #expect(try guest.number("shared_memory 1") == blockKibibytes)
      // It fails if the daemon finds a page elsewhere.
      let list = try guest.done("coherentctl block list --json")
      #expect(list.contains("\"checked_pages\": \(blockKibibytes / 4)"), "\(list)")
      #expect(list.contains("\"misplaced_pages\": 0"), "\(list)")
      let status = try guest.done("cat /run/status")
      let mapped = try clients.map { try $0.mappedPages(node: 1) }.reduce(0, +)
      #expect(status.contains("\"device_bytes\": \(mapped * 4096),"), "\(mapped): \(status)")
      // The page of its control words is no device memory.
      for client in clients { #expect(try client.mappedPages(node: 0) == 1) }
    }
  }
}
