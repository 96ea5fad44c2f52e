// Commands that do to the client's own memory what the protocol forbids.

import Coherent
import CoherentSystem
import Glibc

extension CommandLoop {
  func hostility(_ verb: String, _ words: inout Words) throws -> String? {
    switch verb {
    case "unmap":
      let bytes = try buffer(&words).bytes
      return munmap(bytes.baseAddress!, bytes.count) == 0 ? "ok" : "error \(errno)"
    case "unmap-arena":
      let range = try OwnProcess.arenaRange()
      return munmap(UnsafeMutableRawPointer(bitPattern: range.lowerBound), range.count) == 0
        ? "ok" : "error \(errno)"
    case "punch":
      let bytes = try buffer(&words).bytes
      return madvise(bytes.baseAddress!, bytes.count, MADV_REMOVE) == 0 ? "ok" : "error \(errno)"
    case "punch-control":
      let range = try OwnProcess.controlRange()
      return madvise(
        UnsafeMutableRawPointer(bitPattern: range.lowerBound), range.count, MADV_REMOVE)
        == 0 ? "ok" : "error \(errno)"
    case "unmap-control":
      let range = try OwnProcess.controlRange()
      return munmap(UnsafeMutableRawPointer(bitPattern: range.lowerBound), range.count) == 0
        ? "ok" : "error \(errno)"
    case "replace":
      return try replace(buffer(&words).bytes)
    case "forget":
      let bytes = try buffer(&words).bytes
      return madvise(bytes.baseAddress!, bytes.count, MADV_DONTNEED) == 0
        ? "ok" : "error \(errno)"
    case "protect":
      let bytes = try buffer(&words).bytes
      return mprotect(bytes.baseAddress!, bytes.count, PROT_NONE) == 0 ? "ok" : "error \(errno)"
    case "touch-outside":
      // The last page of the arena, which no small allocation reaches.
      let range = try OwnProcess.arenaRange()
      let last = UnsafeRawPointer(bitPattern: range.upperBound - UInt(PageSize.bytes))!
      return "ok \(last.load(as: UInt8.self))"
    case "clear-non-blocking":
      let number = try OwnProcess.userfaultNumber()
      let flags = fcntl(number, F_GETFL)
      return fcntl(number, F_SETFL, flags & ~O_NONBLOCK) == 0 ? "ok" : "error \(errno)"
    case "lock-memory":
      return mlockall(CInt(try words.number())) == 0 ? "ok" : "error \(errno)"
    case "commit":
      // Memory in its own file that it never allocated, up to the end of its arena.
      let bytes = off_t(try words.number())
      let end = off_t(try OwnProcess.arenaRange().count)
      return posix_fallocate(try OwnProcess.memoryFileNumber(), end - bytes, bytes) == 0
        ? "ok" : "error"
    case "close-userfault":
      return close(try OwnProcess.userfaultNumber()) == 0 ? "ok" : "error \(errno)"
    default: return nil
    }
  }

  /// Puts shared memory of nobody there, whose faults come to the daemon all the same.
  private func replace(_ bytes: UnsafeMutableRawBufferPointer) throws -> String {
    let address = bytes.baseAddress!
    let flags = MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED
    guard mmap(address, bytes.count, PROT_READ | PROT_WRITE, flags, -1, 0) == address else {
      return "error \(errno)"
    }
    let copy = fcntl(try OwnProcess.userfaultNumber(), F_DUPFD_CLOEXEC, 3)
    let fault = try Userfault(adopting: Descriptor(owning: copy))
    try fault.register(
      baseAddress: UInt64(UInt(bitPattern: address)), lengthBytes: UInt64(bytes.count))
    return "ok \(address.load(as: UInt8.self))"
  }
}
