// Standard error that nobody reads, in copies of a small program.

import Glibc
import Testing

@testable import CoherentSystem

struct StandardErrorTests {
  /// A pipe that takes no byte more, and waits like one that a program was started with.
  private func fullPipe() throws -> Pipe {
    let pipe = try Pipe()
    let number = pipe.writeEnd.raw
    try pipe.writeEnd.setNonBlocking()
    let chunk = [UInt8](repeating: 0x2E, count: 4096)
    for size in [chunk.count, 1] { while write(number, chunk, size) > 0 {} }
    try #require(fcntl(number, F_SETFL, fcntl(number, F_GETFL) & ~O_NONBLOCK) == 0)
    return pipe
  }

  @Test func aCrashEndsAlsoWhereItsMessageFindsNoRoom() throws {
    let pipe = try fullPipe()
    let number = pipe.writeEnd.raw
    let child = try Process.fork {
      for signal in [SIGILL, SIGTRAP, SIGABRT] { Process.restoreDefaultAction(ofSignal: signal) }
      dup2(number, STDERR_FILENO)
      StandardError.stopWaiting()
      invariantBroken("of a test", file: #fileID, line: #line)
    }
    let hasEnded = child.waitEnded(timeoutMilliseconds: 60_000)
    if !hasEnded { try child.kill(signal: SIGKILL) }
    let exit = try child.wait()
    #expect(hasEnded && [.signal(SIGILL), .signal(SIGTRAP), .signal(SIGABRT)].contains(exit))
    #expect(fcntl(number, F_GETFL) & O_NONBLOCK == 0, "whoever shares the pipe is not changed")
  }

  @Test func aBoundedWriteEndsAndSaysSo() throws {
    let pipe = try fullPipe()
    let number = pipe.writeEnd.raw
    let child = try Process.fork {
      dup2(number, STDERR_FILENO)
      return StandardError.write("text\n", milliseconds: 10) ? 1 : 0
    }
    #expect(try child.wait() == .status(0))
    var chunk = [UInt8](repeating: 0, count: 8192)
    #expect(read(pipe.readEnd.raw, &chunk, chunk.count) == chunk.count)
    let other = try Process.fork {
      dup2(number, STDERR_FILENO)
      return StandardError.write("text\n", milliseconds: 10_000) ? 0 : 1
    }
    #expect(try other.wait() == .status(0))
  }
}
