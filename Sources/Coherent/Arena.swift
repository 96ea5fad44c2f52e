// This process's view of its arena: the one mapping, and this side's copy of the userfaultfd, which
// must stay open as long as the mapping exists, or evicted memory would read as zeros. Nothing here
// reads or writes the mapping. A forked child has no such mapping, and unmaps nothing.

import CoherentSystem

final class Arena: @unchecked Sendable {
  // SAFETY: nothing changes after init, except in deinit, when nobody else is left.
  private var mapping: Mapping?
  private let userfault: Userfault
  /// Says where the bytes of each frame are, whoever serves the faults.
  private let table: MemoryFile
  private let ownerProcess = Process.id
  let base: UnsafeMutableRawPointer
  let sizeBytes: Int

  /// Addresses are aligned to this or the frame, whichever is larger: what huge pages want.
  private static let alignmentBytes = 2 << 20

  /// Maps the arena, excludes it from children and core dumps, and takes the other two over.
  init(
    file: borrowing MemoryFile, sizeBytes: Int, frameBytes: Int, userfault: consuming Userfault,
    table: consuming MemoryFile
  ) throws(SystemError) {
    let mapping = try Mapping(
      file: file, lengthBytes: sizeBytes, alignmentBytes: max(Self.alignmentBytes, frameBytes))
    try mapping.excludeFromForkAndDump()
    base = mapping.bytes.baseAddress!
    self.sizeBytes = sizeBytes
    self.mapping = consume mapping
    self.userfault = userfault
    self.table = table
  }

  deinit {
    // The mapping goes before the userfaultfd does, which is closed when the members are.
    if let mapping = mapping.take() {
      if Process.id == ownerProcess {
        _ = consume mapping
      } else {
        mapping.abandon()
      }
    }
  }

  var baseAddress: UInt64 { UInt64(UInt(bitPattern: base)) }

  /// The largest power of two that the base is a multiple of.
  var baseAlignmentBytes: UInt64 { 1 << UInt64(baseAddress.trailingZeroBitCount) }

  /// Lends the userfaultfd's number, to be sent to the daemon.
  func withUserfault<Result>(_ body: (CInt) -> Result) -> Result { body(userfault.raw) }

  /// Forgets what page-table entries the range has, so that a page that was poisoned while nothing
  /// was allocated there can be faulted in.
  func dropPages(offsetBytes: Int, lengthBytes: Int) throws(SystemError) {
    try mapping!.dropPages(offsetBytes: offsetBytes, lengthBytes: lengthBytes)
  }
}
