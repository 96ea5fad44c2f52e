// Closed standard streams, in copies of a small program, for each set of them.

import Glibc
import Testing

@testable import CoherentSystem

struct StandardStreamsTests {
  @Test(arguments: 0..<8)
  func whatIsClosedIsOpenedOnDevNullAndTheRestIsLeft(closed: Int32) throws {
    let report = try Pipe()
    let number = report.writeEnd.raw
    let child = try Process.fork {
      for stream in Int32(0)..<3 where closed & (1 << stream) != 0 { close(stream) }
      let before = (Int32(0)..<3).map { SymbolicLink.target(path: "/proc/self/fd/\($0)") }
      StandardStreams.complete()
      let after = (Int32(0)..<3).map { SymbolicLink.target(path: "/proc/self/fd/\($0)") }
      for stream in 0..<3 where closed & (1 << stream) != 0 {
        guard before[stream] == nil, after[stream] == "/dev/null" else { return 1 }
      }
      for stream in 0..<3 where closed & (1 << stream) == 0 {
        guard before[stream] == after[stream] else { return 2 }
      }
      // What is opened from here on has other numbers.
      let next = open("/dev/null", O_RDONLY)
      return next > 2 && next != number ? 0 : 3
    }
    #expect(try child.wait() == .status(0))
    withExtendedLifetime(report) {}
  }
}
