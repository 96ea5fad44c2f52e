// Looks at the region's memory: whether it lies where its block is bound to, and in pages as large
// as wanted. What is found elsewhere is an error or is reported; it is never assumed to be right.

import CoherentCore
import CoherentSystem

extension RegionFile {
  /// Throws unless the memory of a block that was just committed is what it should be.
  func verify(
    _ block: Int, _ kind: MemoryKind, _ beat: () -> Void
  ) throws(RegionError) {
    if let node = nodes.node(of: kind) {
      let placement = try check(block, beat)
      let misplaced = placement.pages - placement.pages(on: node)
      guard misplaced == 0, UInt64(placement.pages) * UInt64(PageSize.bytes) == blockBytes else {
        throw .misplaced(
          block: block, node: node, pages: placement.pages, misplacedPages: misplaced)
      }
    }
    guard let pageBytes = hugePages.sizeBytes else { return }
    let huge: UInt64
    do throws(SystemError) {
      huge = try HugeMemory.hugeBytes(
        of: file, offsetBytes: UInt64(block) * blockBytes, lengthBytes: blockBytes,
        pageBytes: pageBytes, beat)
    } catch {
      throw .system(error)
    }
    if huge < blockBytes {
      throw .notHuge(block: block, hugePages, bytes: blockBytes, hugeBytes: huge)
    }
  }

  /// Where the memory of a block lies that the region's file holds.
  func check(_ block: Int, _ beat: () -> Void = {}) throws(RegionError) -> PagePlacement {
    do throws(SystemError) {
      return try PageLocator().count(
        file, offsetBytes: UInt64(block) * blockBytes, lengthBytes: blockBytes, beat)
    } catch {
      throw .system(error)
    }
  }
}

extension HugePages {
  /// Throws unless the kernel gives memory files such pages. By trial, because what its settings
  /// mean differs from version to version.
  func check() throws(RegionError) {
    guard let pageBytes = sizeBytes else { return }
    do throws(SystemError) {
      if try HugeMemory.isGiven(pageBytes: pageBytes) { return }
    } catch {
      throw .system(error)
    }
    throw .noHugePages(self, setting: HugeMemory.setting())
  }
}
