// Programs that lock their memory (mlockall(2)), before they are clients and after: the arena is
// neither filled nor refused. Each test is a process of its own.

import Coherent
import CoherentSystem
import Glibc
import Testing

@Suite(.enabled(if: Process.effectiveUser == 0, "locking memory without a limit needs root"))
struct LockedMemoryTests {
  @Test func anArenaIsNotFilledWhereWhatComesIsLocked() async {
    await #expect(processExitsWith: .success) { try connectWithLockedMemory(MCL_FUTURE) }
  }

  @Test func anArenaIsNotFilledWhereEverythingIsLocked() async {
    await #expect(processExitsWith: .success) {
      try connectWithLockedMemory(MCL_CURRENT | MCL_FUTURE)
    }
  }

  @Test func anAllocationIsResetInAProgramThatLockedItsMemoryLater() async {
    await #expect(processExitsWith: .success) {
      try FakeSession.run(lingers: true) { daemon in
        daemon.grant(resetsRange: true)
      } client: { client in
        defer { client.close() }
        precondition(mlockall(MCL_CURRENT | MCL_FUTURE) == 0)
        let buffer = try client.allocate(bytes: 65536)
        buffer.bytes[0] = 7
        precondition(buffer.bytes[0] == 7)
      }
    }
  }
}

/// Nothing but the page that is written comes into the arena's file.
private func connectWithLockedMemory(_ flags: CInt) throws {
  let file = try FakeDaemon.sealedFile()
  precondition(mlockall(flags) == 0)
  let before = try file.committedBytes()
  let daemon = try FakeDaemon()
  let clientEnd = daemon.takeClientEnd()
  let number = try file.descriptor.duplicate().release()
  let thread = try Thread.start(name: "fake daemon") {
    guard let file = try? MemoryFile(descriptor: Descriptor(owning: number)) else { return }
    daemon.shakeHands(file)
    daemon.grant(resetsRange: true)
    _ = daemon.nextOrEnd()
    daemon.hangUp()
  }
  let client = try Client(socket: clientEnd)
  let buffer = try client.allocate(bytes: 65536)
  let untouched = try file.committedBytes()
  buffer.bytes[0] = 1
  let touched = try file.committedBytes()
  client.close()
  thread.join()
  let page = UInt64(PageSize.bytes)
  precondition(untouched <= before + page && touched <= before + 2 * page)
}
