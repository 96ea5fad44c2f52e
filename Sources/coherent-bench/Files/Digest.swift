// SHA-256 of bytes that come in pieces, by the system's libcrypto: EVP_DigestInit_ex(3).

import CCrypto
import CoherentSystem

struct Digest: ~Copyable {
  // SAFETY: made in init, freed in deinit, and used by libcrypto's calls only.
  private let context: OpaquePointer

  static let lengthBytes = 32

  init() {
    guard let context = EVP_MD_CTX_new() else { fatalError("no memory for a digest") }
    self.context = context
    let result = EVP_DigestInit_ex(context, EVP_sha256(), nil)
    invariant(result == 1, "libcrypto has SHA-256")
  }

  deinit { EVP_MD_CTX_free(context) }

  func add(_ bytes: UnsafeRawBufferPointer) {
    let result = EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
    invariant(result == 1, "a digest takes any bytes")
  }

  consuming func finish() -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: Self.lengthBytes)
    let result = EVP_DigestFinal_ex(context, &digest, nil)
    invariant(result == 1, "a digest is finished once")
    return digest
  }
}

extension Digest {
  /// Of a file on the disk, read through ordinary memory.
  static func ofFile(path: String) throws(SystemError) -> [UInt8] {
    let file = try RegularFile(path: path)
    let digest = Digest()
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 4096)
    defer { buffer.deallocate() }
    var offset: UInt64 = 0
    while true {
      let count = try file.read(into: buffer, offsetBytes: offset)
      digest.add(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
      offset += UInt64(count)
      if count < buffer.count { return digest.finish() }
    }
  }
}
