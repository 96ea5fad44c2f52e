// A flag of one process: up when it is made, down for ever once it is lowered, and down from the
// start in every child made by fork. Looking at it is one load, where getpid(2) is a system call.
// The page that it lies in is its own, and holds nothing else.

import CoherentSystem
import Synchronization

/// A flag that no child inherits: madvise(2), MADV_WIPEONFORK.
@usableFromInline
package final class ProcessFlag: @unchecked Sendable {
  // SAFETY: the page is private to this process and mapped while this object lives, since it owns
  // the mapping. It is only ever accessed as an atomic, through `word`.
  private let mapping: Mapping
  @usableFromInline let word: UnsafeMutablePointer<Atomic<UInt64>>

  /// Raised.
  package init() throws(SystemError) {
    let mapping = try Mapping(anonymousBytes: PageSize.bytes)
    try mapping.wipeOnFork()
    // SAFETY: mappings are aligned to pages, and zeros are a valid value of the type.
    word = mapping.bytes.baseAddress!.bindMemory(to: Atomic<UInt64>.self, capacity: 1)
    // Relaxed: whoever shares this object with another thread orders that.
    word.pointee.store(1, ordering: .relaxed)
    self.mapping = mapping
  }

  /// Whether it is up, in the process that made it.
  @inlinable
  package var isUp: Bool {
    // Relaxed: nothing is inferred from it about other memory.
    word.pointee.load(ordering: .relaxed) != 0
  }

  /// Lowers it. Again does nothing.
  package func lower() {
    // Relaxed: who still sees it up has looked before.
    word.pointee.store(0, ordering: .relaxed)
  }
}
