// This process's view of its arena: the one mapping, its file, and this side's copy of the
// userfaultfd, which must stay open as long as the mapping exists, or evicted memory would read as
// zeros. Nothing here reads or writes the mapping. A forked child has no such mapping, and unmaps
// nothing.

import CoherentShared
import CoherentSystem
import CoherentWire
import Synchronization

final class Arena: @unchecked Sendable {
  // SAFETY: nothing changes after init, except in deinit, when nobody else is left, but `custody`,
  // which is atomic, and `tableMapping`, which is the guardian's.
  private var mapping: Mapping?
  private let userfault: Userfault
  /// Read once, by whoever takes the memory back.
  private var tableMapping: Mapping?
  /// The arena and, behind it, its host store.
  let file: MemoryFile
  private let ownerProcess = Process.id
  let base: UnsafeMutableRawPointer
  let sizeBytes: Int
  let frameBytes: Int

  /// Who sees to it that an access finds its bytes.
  enum Custody: UInt8, AtomicRepresentable {
    case daemon
    /// The daemon is gone, and this is ordinary memory.
    case process
    /// Nobody: the memory is lost.
    case nobody
  }
  let custody = Atomic(Custody.daemon)

  /// Addresses are aligned to this at least: what huge pages want.
  private static let leastAlignmentBytes = 2 << 20

  /// What every arena of this size is mapped at a multiple of, and so the largest alignment of an
  /// allocation in it.
  let alignmentBytes: UInt64

  /// Maps the arena, excludes it from children and core dumps, and takes the descriptors over. The
  /// table is mapped at once, so that nothing is needed for it when the daemon is gone.
  init(
    file: consuming MemoryFile, sizeBytes: Int, frameBytes: Int, userfault: consuming Userfault,
    table: consuming MemoryFile
  ) throws(SystemError) {
    let alignmentBytes = max(
      AlignmentLimit.powerOfTwo(arenaBytes: UInt64(sizeBytes)), UInt64(frameBytes),
      UInt64(Self.leastAlignmentBytes))
    let mapping = try Mapping(
      file: file, lengthBytes: sizeBytes, alignmentBytes: Int(alignmentBytes))
    try mapping.excludeFromForkAndDump()
    tableMapping = try Mapping(file: table, lengthBytes: Int(table.sizeBytes), writable: false)
    base = mapping.bytes.baseAddress!
    self.sizeBytes = sizeBytes
    self.frameBytes = frameBytes
    self.alignmentBytes = alignmentBytes
    self.mapping = consume mapping
    self.userfault = userfault
    self.file = file
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

  /// Lends the userfaultfd's number, to be sent to the daemon.
  func withUserfault<Result>(_ body: (CInt) -> Result) -> Result { body(userfault.raw) }

  /// Forgets what page-table entries the range has, so that a page that was poisoned while nothing
  /// was allocated there can be faulted in.
  func dropPages(offsetBytes: Int, lengthBytes: Int) throws(SystemError) {
    try mapping!.dropPages(offsetBytes: offsetBytes, lengthBytes: lengthBytes)
  }

  // MARK: Without a daemon

  var isOwnMemory: Bool {
    // Acquiring: who sees it finds the bytes where they were brought before.
    custody.load(ordering: .acquiring) == .process
  }

  /// The session's table. Once, by the guardian.
  func takeTable() throws(TableFault) -> SessionTable {
    try SessionTable(existing: tableMapping.take()!)
  }

  /// Makes whoever waits for a fault in the arena fault again.
  func wake() {
    _ = userfault.wake(address: baseAddress, lengthBytes: UInt64(sizeBytes))
  }

  /// Takes faults that nobody has taken.
  func readFaults(into faults: UnsafeMutableBufferPointer<Fault>) -> FaultReadOutcome {
    userfault.readFaults(into: faults)
  }

  /// From now on the kernel serves the range from the file alone: write protection is lifted, and
  /// whoever waits there goes on.
  func unregister(offsetBytes: Int, lengthBytes: Int) throws(SystemError) {
    try userfault.unregister(
      baseAddress: baseAddress + UInt64(offsetBytes), lengthBytes: UInt64(lengthBytes))
  }

  /// Makes every access to the arena a SIGBUS. If not even that can be had, whoever accesses what
  /// is not there waits for ever.
  func loseAll() {
    custody.store(.nobody, ordering: .releasing)
    try? lose(offsetBytes: 0, lengthBytes: sizeBytes)
  }

  /// Gives the memory of a range back that is this process's own. An access gets SIGBUS.
  func giveBack(offsetBytes: Int, lengthBytes: Int) throws(SystemError) {
    try file.punch(offsetBytes: UInt64(offsetBytes), lengthBytes: UInt64(lengthBytes))
    try lose(offsetBytes: offsetBytes, lengthBytes: lengthBytes)
  }

  /// Makes every access to the range fail, by SIGBUS, or by SIGSEGV where this process can have no
  /// further mapping, and wakes whoever waits there.
  func lose(offsetBytes: Int, lengthBytes: Int) throws(SystemError) {
    try mapping!.lose(offsetBytes: offsetBytes, lengthBytes: lengthBytes)
    _ = userfault.wake(
      address: baseAddress + UInt64(offsetBytes), lengthBytes: UInt64(lengthBytes))
  }
}
