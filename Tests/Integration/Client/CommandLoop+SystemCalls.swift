// Commands that hand a buffer's memory to the kernel: write(2) from it, read(2) into it.

import Coherent
import CoherentSystem
import Glibc

extension CommandLoop {
  func systemCalls(_ verb: String, _ words: inout Words) throws -> String? {
    switch verb {
    case "write-out":
      // From the buffer into a file, which must then hold the pattern.
      let bytes = try buffer(&words).bytes
      let pattern = Pattern(seed: UInt64(try words.number()))
      let file = try MemoryFile(name: "written", sizeBytes: UInt64(bytes.count))
      if let code = whole(bytes.count, { pwrite(file.raw, bytes.baseAddress! + $0, $1, off_t($0)) })
      {
        return "error \(code)"
      }
      let mapping = try Mapping(file: file, lengthBytes: pages(bytes.count), writable: false)
      return pattern.fault(in: mapping.bytes, 0..<bytes.count / 8) ?? "ok"
    case "read-in":
      // From a file that holds the pattern into the buffer.
      let bytes = try buffer(&words).bytes
      let pattern = Pattern(seed: UInt64(try words.number()))
      let file = try MemoryFile(name: "read", sizeBytes: UInt64(pages(bytes.count)))
      let mapping = try Mapping(file: file, lengthBytes: pages(bytes.count), writable: true)
      pattern.fill(mapping.bytes, 0..<bytes.count / 8)
      if let code = whole(bytes.count, { pread(file.raw, bytes.baseAddress! + $0, $1, off_t($0)) })
      {
        return "error \(code)"
      }
      return "ok"
    default: return nil
    }
  }

  private func pages(_ count: Int) -> Int {
    (count + PageSize.bytes - 1) / PageSize.bytes * PageSize.bytes
  }

  /// Repeats a call until all is done; the error that stopped it.
  private func whole(_ count: Int, _ call: (Int, Int) -> Int) -> CInt? {
    var done = 0
    while done < count {
      let step = call(done, count - done)
      if step < 0 { return errno }
      done += step
    }
    return nil
  }
}
