// What an error says, and what never becomes one.

import Glibc
import Testing

@testable import CoherentSystem

struct SystemErrorTests {
  @Test func saysWhatWasAskedAndWhatTheKernelAnswered() {
    let error = SystemError(operation: "fallocate", code: ENOSPC, context: "of 1048576 bytes")
    #expect("\(error)" == "fallocate of 1048576 bytes: No space left on device (ENOSPC)")
    #expect("\(SystemError(operation: "listen", code: 4095))" == "listen: error 4095")
  }

  @Test func everyWrapperNamesItsCallAndItsNumbers() {
    let error = #expect(throws: SystemError.self) {
      _ = try SmallFile.read(path: "/no/such/file", maximumBytes: 1)
    }
    #expect(error?.operation == "open")
    #expect(error?.code == ENOENT)
    #expect(error?.context.contains("/no/such/file") == true)
  }

  @Test func badDescriptorsOfOursStopTheProcess() async {
    await #expect(processExitsWith: .failure) {
      // A number that is not open, wrapped as if it were: a bug, not a condition.
      _ = try? Descriptor(owning: 1_000_000).duplicate()
    }
  }

  @Test func brokenInvariantsStopTheProcess() async {
    await #expect(processExitsWith: .failure) {
      invariant(1 + 1 == 3, "arithmetic holds")
    }
  }
}
