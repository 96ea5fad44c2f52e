// Evicting and restoring in miniature: one registered range, one store, one table of places. It
// answers every fault from its table, never from what the page cache holds.

import Glibc
import Synchronization
import Testing

@testable import CoherentSystem

/// A pager for one registered range, in miniature: a store, a table of places, and the two threads
/// that use them.
final class SmallPager: @unchecked Sendable {
  // SAFETY: `stored` is used under `lock`; the rest is set in init and does not change.
  let range: RegisteredRange
  let store: MemoryFile
  private let lock = Lock()
  private var stored: [Bool]
  private let stopping = Atomic<Bool>(false)
  let evictions = Atomic<Int>(0)

  init(pages: Int, modes: UserfaultModes = .all) throws {
    range = try RegisteredRange(pages: pages, modes: modes)
    store = try MemoryFile(name: "store", sizeBytes: UInt64(pages) * RegisteredRange.page)
    stored = Array(repeating: false, count: pages)
  }

  /// Takes one page away, if it is not in the store already.
  func evict(_ index: Int) throws {
    try lock.withLock {
      let offset = UInt64(index) * RegisteredRange.page
      if stored[index] { return }
      let address = range.address(index)
      let outcome = range.userfault.writeProtect(
        address: address, lengthBytes: RegisteredRange.page, on: true)
      invariant(outcome == .done, "a registered range is protected, not \(outcome)")
      try copyPage(from: range.file, to: store, at: offset)
      stored[index] = true
      try range.file.punch(offsetBytes: offset, lengthBytes: RegisteredRange.page)
      _ = range.userfault.wake(address: address, lengthBytes: RegisteredRange.page)
      evictions.add(1, ordering: .relaxed)
    }
  }

  /// Answers every fault from the table until told to stop.
  func serve() {
    let buffer = UnsafeMutableBufferPointer<Fault>.allocate(capacity: 16)
    defer { buffer.deallocate() }
    while !stopping.load(ordering: .acquiring) {
      guard Readiness.waitReadable(range.userfault.raw, timeoutMilliseconds: 20),
        case .faults(let count, _) = range.userfault.readFaults(into: buffer)
      else { continue }
      for fault in buffer[..<count] { answer(fault) }
    }
  }

  /// Makes `serve` return.
  func stop() { stopping.store(true, ordering: .releasing) }

  private func answer(_ fault: Fault) {
    let index = Int((fault.address - range.mapping.address) / RegisteredRange.page)
    lock.withLock {
      let offset = UInt64(index) * RegisteredRange.page
      if stored[index] {
        do {
          try copyPage(from: store, to: range.file, at: offset)
        } catch {
          fatalError("\(error)")
        }
        stored[index] = false
      } else if range.userfault.zero(address: fault.address, lengthBytes: RegisteredRange.page)
        == .done
      {
        return
      }
      let address = fault.address
      if range.userfault.continueRange(address: address, lengthBytes: RegisteredRange.page)
        != .done
      {
        // Mapped already, perhaps protected: end that, which also wakes.
        _ = range.userfault.writeProtect(
          address: address, lengthBytes: RegisteredRange.page, on: false)
        _ = range.userfault.wake(address: address, lengthBytes: RegisteredRange.page)
      }
    }
  }

  private func copyPage(
    from: borrowing MemoryFile, to: borrowing MemoryFile, at offset: UInt64
  ) throws(SystemError) {
    let buffer = UnsafeMutableRawBufferPointer.allocate(
      byteCount: PageSize.bytes, alignment: 4096)
    defer { buffer.deallocate() }
    try from.read(into: buffer, offsetBytes: offset)
    try to.write(from: UnsafeRawBufferPointer(buffer), offsetBytes: offset)
  }
}
