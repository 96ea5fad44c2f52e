// A file whose bytes lie in device memory, in pieces that are small against the device.

import Coherent
import CoherentSystem

struct LoadedFile {
  let path: String
  let bytes: Int
  private let pieces: [Buffer]
  /// Of the disk, at the time of loading.
  private let digestAtLoading: [UInt8]

  enum Check {
    case same
    case mismatch
    /// The file on the disk is not what it was, so there is nothing to compare with.
    case changed
  }

  /// Reads the file into memory of the client's; nil if it cannot be read. Throws where there is no
  /// memory for it.
  init?(path: String, client: Client, pieceBytes: Int) throws {
    let file: RegularFile
    do throws(SystemError) {
      digestAtLoading = try Digest.ofFile(path: path)
      file = try RegularFile(path: path)
    } catch {
      return nil
    }
    var pieces: [Buffer] = []
    var offset = 0
    repeat {
      // An empty file has a place as well.
      let rest = Int(clamping: file.sizeBytes) - offset
      let length = max(1, min(pieceBytes, rest))
      let buffer = try client.allocate(bytes: length, timeout: .seconds(60))
      pieces.append(buffer)
      guard rest > 0 else { break }
      let count: Int
      do throws(SystemError) {
        count = try Self.read(file, into: buffer.bytes, offset, isFullMode: client.isFullMode)
      } catch {
        for piece in pieces { try piece.free() }
        return nil
      }
      offset += count
      if count < length { break }
    } while offset < Int(clamping: file.sizeBytes)
    self.path = path
    self.bytes = offset
    self.pieces = pieces
  }

  /// By read(2) straight into device memory; through ordinary memory where the kernel may not wait
  /// for a page of it.
  private static func read(
    _ file: borrowing RegularFile, into bytes: UnsafeMutableRawBufferPointer, _ offset: Int,
    isFullMode: Bool
  ) throws(SystemError) -> Int {
    if isFullMode { return try file.read(into: bytes, offsetBytes: UInt64(offset)) }
    let bounce = UnsafeMutableRawBufferPointer.allocate(
      byteCount: bytes.count, alignment: PageSize.bytes)
    defer { bounce.deallocate() }
    let count = try file.read(into: bounce, offsetBytes: UInt64(offset))
    bytes.copyMemory(from: UnsafeRawBufferPointer(rebasing: bounce[..<count]))
    return count
  }

  /// Compares the digest of what is in device memory with that of the file on the disk.
  func check() -> Check {
    let digest = Digest()
    var rest = bytes
    for piece in pieces {
      let count = min(rest, piece.count)
      digest.add(UnsafeRawBufferPointer(rebasing: piece.bytes[..<count]))
      rest -= count
    }
    let ours = digest.finish()
    guard let disk = try? Digest.ofFile(path: path) else { return .changed }
    if ours == disk { return .same }
    return disk == digestAtLoading ? .mismatch : .changed
  }
}
