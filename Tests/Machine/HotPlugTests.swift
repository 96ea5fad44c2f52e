// Memory that comes and goes while the daemon and its clients use it.

import Testing

extension MachineTests {
  @Suite(.enabled(if: obstacle == nil, reason)) struct HotPlug {
    /// A device of 32 MiB.
    private static let configuration = "[Region]\\nBlockSize=32M\\nBlocks=1"

    @Test func theKernelMayAddAndTakeMemoryUnderTheDaemon() throws {
      try Guest.with { guest in
        try guest.startDaemon(Self.configuration)
        let clients = try ["one", "two"].map { try GuestClient($0, in: guest) }
        try guest.plug(mebibytes: 256)
        for client in clients { try client.fill(buffers: 0..<2, bytesEach: 12 << 20) }
        try guest.done("offline_node 1")
        try guest.unplug()
        for client in clients { try client.verify(buffers: 0..<2) }
        try guest.done("coherentctl evict --all")
        for client in clients { try client.verify(buffers: 0..<2) }
      }
    }
  }
}
