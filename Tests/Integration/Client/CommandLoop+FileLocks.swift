// Commands that keep the lock of the client's own memory file, as a hostile program would: by
// writes into it that last. Each goes on by a thread of its own.

import Coherent
import CoherentSystem
import Glibc

extension CommandLoop {
  func fileLocks(_ verb: String, _ words: inout Words) throws -> String? {
    switch verb {
    case "lock-file":
      // From the buffer, which should not be there; the pager would have to bring it.
      let source = UnsafeRawPointer(try buffer(&words).bytes.baseAddress!)
      return try writing(from: SharedAddress(source), bytes: PageSize.bytes)
    case "lock-file-for-ever":
      // From memory that is registered with a userfaultfd of its own, which nobody answers.
      let mapping = try Mapping(anonymousBytes: PageSize.bytes)
      let fault = try Userfault.create(userModeOnly: false)
      try fault.handshake()
      try fault.register(
        baseAddress: mapping.address, lengthBytes: UInt64(PageSize.bytes), modes: [.missing])
      let source = UnsafeRawPointer(mapping.bytes.baseAddress!)
      let trap = Trap(mapping, fault)
      return try writing(from: SharedAddress(source), bytes: PageSize.bytes, keeping: trap)
    case "lock-file-often":
      let threads = try words.number()
      let bytes = try words.number() << 20
      let source = SharedAddress(malloc(bytes)!)
      memset(UnsafeMutableRawPointer(mutating: source.pointer), 1, bytes)
      let file = try OwnProcess.memoryFile()
      for _ in 0..<threads {
        try Thread.start(name: "locks") {
          while true { _ = pwrite(file.number, source.pointer, bytes, file.unusedOffset) }
        }.detach()
      }
      return "ok"
    case "file-is-let-go": return "ok \(locks.isNone ? 1 : 0)"
    default: return nil
    }
  }

  private func writing(
    from source: SharedAddress, bytes: Int, keeping trap: Trap? = nil
  ) throws -> String {
    let file = try OwnProcess.memoryFile()
    let locks = locks
    locks.change(by: 1)
    try Thread.start(name: "locks") {
      _ = pwrite(file.number, source.pointer, bytes, file.unusedOffset)
      locks.change(by: -1)
      withExtendedLifetime(trap) {}
    }.detach()
    // The fault comes from inside the write, which has the lock then.
    if let trap { while !trap.isSprung { Thread.yield() } }
    return "ok"
  }
}

/// An address that a thread is given; what it points to lives as long as the process.
private struct SharedAddress: @unchecked Sendable {
  // SAFETY: only read, by the kernel.
  let pointer: UnsafeRawPointer

  init(_ pointer: UnsafeRawPointer) { self.pointer = pointer }
}

/// Memory whose accesses wait for ever.
private final class Trap: Sendable {
  private let mapping: Mapping
  private let fault: Userfault

  init(_ mapping: consuming Mapping, _ fault: consuming Userfault) {
    self.mapping = mapping
    self.fault = fault
  }

  /// A thread waits there, since the last time that was asked.
  var isSprung: Bool {
    var faults = [Fault](
      repeating: Fault(address: 0, isWrite: false, isWriteProtect: false, isMinor: false), count: 1)
    let outcome = faults.withUnsafeMutableBufferPointer { fault.readFaults(into: $0) }
    return outcome == .faults(count: 1, otherEvents: 0)
  }
}
