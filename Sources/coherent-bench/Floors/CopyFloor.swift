// The floor of evictions and restores: memcpy, in blocks of 2 MiB, between two ranges of memory of
// the device's kind, both present and much larger than the caches.

import CoherentSystem

final class CopyFloor {
  private let sourceFile: MemoryFile
  private let destinationFile: MemoryFile
  private let source: Mapping
  private let destination: Mapping

  private static let blockBytes = 2 << 20

  /// `lengthBytes` is a multiple of 2 MiB.
  init(lengthBytes: Int) throws(SystemError) {
    sourceFile = try MemoryFile(name: "coherent-bench-from", sizeBytes: UInt64(lengthBytes))
    destinationFile = try MemoryFile(name: "coherent-bench-to", sizeBytes: UInt64(lengthBytes))
    source = try Mapping(file: sourceFile, lengthBytes: lengthBytes, writable: true)
    destination = try Mapping(file: destinationFile, lengthBytes: lengthBytes, writable: true)
    try source.populate(offsetBytes: 0, lengthBytes: lengthBytes)
    try destination.populate(offsetBytes: 0, lengthBytes: lengthBytes)
  }

  /// Copies all of it once.
  func copy() {
    var offset = 0
    while offset < source.lengthBytes {
      // SAFETY: both mappings are `lengthBytes` long, a multiple of the block.
      (destination.bytes.baseAddress! + offset).copyMemory(
        from: source.bytes.baseAddress! + offset, byteCount: Self.blockBytes)
      offset += Self.blockBytes
    }
  }
}
