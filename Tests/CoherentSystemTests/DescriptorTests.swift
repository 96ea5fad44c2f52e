// Owning, duplicating and recognising descriptors.

import Glibc
import TestSupport
import Testing

@testable import CoherentSystem

struct DescriptorTests {
  /// Whether a number is an open descriptor of this process.
  private func isOpen(_ raw: CInt) -> Bool { fcntl(raw, F_GETFD) >= 0 }

  @Test func closesWhenItsOwnerGoes() async {
    // In a process of its own, where no other test opens a descriptor with the same number.
    await #expect(processExitsWith: .success) {
      let pipe = try Pipe()
      let read = pipe.readEnd.raw
      let write = pipe.writeEnd.raw
      #expect(fcntl(read, F_GETFD) >= 0 && fcntl(write, F_GETFD) >= 0)
      _ = consume pipe
      #expect(fcntl(read, F_GETFD) < 0 && fcntl(write, F_GETFD) < 0)
    }
  }

  @Test func releaseLeavesItOpenForTheNewOwner() throws {
    let raw = try Pipe().keepingReadEnd().release()
    #expect(isOpen(raw))
    _ = Descriptor(owning: raw)
  }

  @Test func everyDescriptorIsCloseOnExec() throws {
    let file = try MemoryFile(name: "test", sizeBytes: 4096)
    let copy = try file.descriptor.duplicate()
    let pair = try LocalSocket.pair(kind: .stream)
    let pipe = try Pipe()
    let epoll = try Epoll()
    let counter = try EventCounter()
    let timer = try Timer()
    let numbers = [
      file.raw, copy.raw, pair.first.raw, pair.second.raw, pipe.readEnd.raw, pipe.writeEnd.raw,
      epoll.descriptor.raw, counter.raw, timer.raw,
    ]
    for number in numbers {
      #expect(fcntl(number, F_GETFD) & FD_CLOEXEC != 0)
    }
  }

  @Test(.enabled(if: KernelRight.userfaultfd.isThere, "\(KernelRight.userfaultfd)"))
  func recognisesAUserfaultAndNothingElse() throws {
    let userfault = try Userfault.create(userModeOnly: true)
    let copy = try userfault.duplicate()
    let file = try MemoryFile(name: "anon_inode:[userfaultfd]", sizeBytes: 4096)
    let epoll = try Epoll()
    let recognised = [
      userfault.descriptor.isUserfault(), copy.descriptor.isUserfault(),
      file.descriptor.isUserfault(), epoll.descriptor.isUserfault(),
    ]
    #expect(recognised == [true, true, false, false])
  }

  @Test func readsAPipeToItsEndAndNoFurtherThanAllowed() throws {
    let pipe = try Pipe()
    #expect(write(pipe.writeEnd.raw, "hello", 5) == 5)
    let end = pipe.keepingReadEnd()
    #expect(try end.readToEnd(maximumBytes: 5) == Array("hello".utf8))

    let longer = try Pipe()
    #expect(write(longer.writeEnd.raw, "hello!", 6) == 6)
    let longerEnd = longer.keepingReadEnd()
    #expect(throws: SystemError.self) { _ = try longerEnd.readToEnd(maximumBytes: 5) }
  }
}
