// On which NUMA node each page of a memory file lies. move_pages(2) tells that only of pages that
// this process has mapped, and an access that maps a page would fill a hole, for everybody who has
// the file. So a window of the file is mapped and registered with a userfaultfd of our own, whose
// faults nobody answers; the kernel is asked to map what the file has (UFFDIO_CONTINUE), and
// nothing else. What may never happen: an access to the window, which would wait for ever.

import CLinux
import Glibc

/// Looks where the pages of memory files lie. Allocates none of them, moves none; what was
/// committed and never written is filled with zeros by the kernel meanwhile. Needs no privilege.
package struct PageLocator: ~Copyable, Sendable {
  private let fault: Userfault

  /// How much is mapped at a time.
  private static let windowBytes: UInt64 = 16 << 20

  package init() throws(SystemError) {
    let fault = try Userfault.create(userModeOnly: true)
    try fault.handshake()
    self.fault = fault
  }

  /// Counts the pages of a range, whole pages of the file, and calls `beat` as it goes on: mmap(2),
  /// UFFDIO_REGISTER, UFFDIO_CONTINUE and move_pages(2) with no target. Pages may come and go
  /// meanwhile.
  package borrowing func count(
    _ file: borrowing MemoryFile, offsetBytes: UInt64, lengthBytes: UInt64, _ beat: () -> Void = {}
  ) throws(SystemError) -> PagePlacement {
    var placement = PagePlacement()
    var done: UInt64 = 0
    while done < lengthBytes {
      let length = min(Self.windowBytes, lengthBytes - done)
      let window = try Mapping(
        file: file, offsetBytes: offsetBytes + done, lengthBytes: Int(length), writable: true)
      try look(window, &placement)
      done += length
      beat()
    }
    return placement
  }

  private borrowing func look(
    _ window: borrowing Mapping, _ placement: inout PagePlacement
  ) throws(SystemError) {
    try fault.register(
      baseAddress: window.address, lengthBytes: UInt64(window.lengthBytes),
      modes: [.missing, .minor])
    var pages: [UInt] = []
    var offset = 0
    while offset < window.lengthBytes {
      let outcome = fault.continueRange(
        address: window.address + UInt64(offset), lengthBytes: UInt64(window.lengthBytes - offset),
        wake: false)
      var mapped = 0
      switch outcome {
      case .done: mapped = window.lengthBytes - offset
      case .again(let doneBytes): mapped = Int(doneBytes)
      case .exists: mapped = PageSize.bytes
      case .notCached:
        placement.countHole()
        offset += PageSize.bytes
      case .gone, .failed:
        throw SystemError(
          operation: "UFFDIO_CONTINUE", code: outcome == .gone ? ESRCH : EIO,
          context: "of \(window.lengthBytes - offset) bytes: \(outcome)")
      }
      for page in stride(from: offset, to: offset + mapped, by: PageSize.bytes) {
        pages.append(UInt(window.address) + UInt(page))
      }
      offset += mapped
    }
    for node in try Self.nodes(of: pages) where node >= 0 { placement.count(node: Int(node)) }
  }

  /// The node of each page; a negative error number for one that is gone.
  private static func nodes(of pages: [UInt]) throws(SystemError) -> [CInt] {
    var nodes = [CInt](repeating: 0, count: pages.count)
    if pages.isEmpty { return nodes }
    try checked("move_pages", "that asks for \(pages.count) pages") {
      clinux_locate_pages(pages, pages.count, &nodes)
    }
    return nodes
  }
}
