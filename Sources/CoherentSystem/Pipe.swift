// A pipe: what a child writes, its parent reads.

import CLinux
import Glibc

/// Both ends of a new pipe, close-on-exec. Frozen, so that other modules may take them apart.
@frozen
package struct Pipe: ~Copyable, Sendable {
  package let readEnd: Descriptor
  package let writeEnd: Descriptor

  /// pipe2(2).
  package init() throws(SystemError) {
    var first: CInt = -1
    var second: CInt = -1
    try checked("pipe2") { clinux_pipe(&first, &second) }
    readEnd = Descriptor(owning: first)
    writeEnd = Descriptor(owning: second)
  }

  /// Closes the end for writing, so that reading ends when all other writers have gone.
  package consuming func keepingReadEnd() -> Descriptor {
    readEnd
  }
}

extension Descriptor {
  /// Waits for some bytes, at most so many; none at the end: read(2).
  package borrowing func readSome(maximumBytes: Int) throws(SystemError) -> [UInt8] {
    let number = raw
    var chunk = [UInt8](repeating: 0, count: maximumBytes)
    let count = try checked("read", "of descriptor \(number)") {
      read(number, &chunk, chunk.count)
    }
    return Array(chunk[..<count])
  }

  /// Reads everything up to the end, waiting for it: read(2). EFBIG beyond `maximumBytes`.
  package borrowing func readToEnd(maximumBytes: Int) throws(SystemError) -> [UInt8] {
    let number = raw
    var contents: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = try checked("read", "of descriptor \(number)") {
        read(number, &chunk, chunk.count)
      }
      if count == 0 { return contents }
      if contents.count + count > maximumBytes {
        throw SystemError(
          operation: "read", code: EFBIG, context: "at most \(maximumBytes) bytes")
      }
      contents.append(contentsOf: chunk[..<count])
    }
  }
}
