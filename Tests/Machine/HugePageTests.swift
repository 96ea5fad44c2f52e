// A device of huge pages, where the kernel gives them to memory files.

import Testing

extension MachineTests {
  @Suite(.enabled(if: obstacle == nil, reason)) struct HugePages {
    private static let configuration =
      "[Region]\\nBlockSize=32M\\nBlocks=1\\nFrameSize=2M\\nHugePages=2M"
    private static let setting = "/sys/kernel/mm/transparent_hugepage/shmem_enabled"

    @Test func theDeviceIsOfHugePagesOrThereIsNone() throws {
      try Guest.with { guest in
        try guest.configure(Self.configuration)
        try guest.done("echo never >\(Self.setting)")
        let refused = try guest.run("coherentd")
        #expect(refused.status != 0)
        #expect(refused.output.contains(Self.setting))

        try guest.done("echo within_size >\(Self.setting)")
        try guest.startDaemon(Self.configuration)
        #expect(try guest.number("huge_memory") >= 32 << 10)
        let client = try GuestClient("one", in: guest)
        try client.fill(buffers: 0..<4, bytesEach: 12 << 20)
        try client.verify(buffers: 0..<4)
        try guest.done("coherentctl evict --all")
        try client.verify(buffers: 0..<4)
        #expect(try guest.number("huge_memory") >= 32 << 10)
      }
    }
  }
}
