// SHA-256, against the examples of FIPS 180-4.

import CoherentSystem
import Testing

@testable import coherent_bench

struct DigestTests {
  private func digest(_ pieces: [String]) -> String {
    let digest = Digest()
    for piece in pieces { Array(piece.utf8).withUnsafeBytes { digest.add($0) } }
    return text(digest.finish())
  }

  private func text(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  @Test(arguments: [
    ([], "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    (["abc"], "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (["a", "", "bc"], "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
  ])
  func digestDoesNotDependOnThePieces(pieces: [String], expected: String) {
    #expect(digest(pieces) == expected)
  }

  @Test func aFileHasTheDigestOfItsBytes() throws {
    let directory = try Directory.createTemporary(prefix: "digest-")
    let path = "\(directory)/file"
    defer {
      try? SmallFile.remove(path: path)
      try? Directory.removeEmpty(path: directory)
    }
    // Longer than one reading.
    let contents = [UInt8](repeating: 97, count: 1_000_000 + (1 << 20))
    try SmallFile.write(path: path, contents)
    let whole = Digest()
    contents.withUnsafeBytes { whole.add($0) }
    #expect(try text(Digest.ofFile(path: path)) == text(whole.finish()))
  }

  @Test func aFileThatIsNotThereThrows() {
    #expect(throws: SystemError.self) { try Digest.ofFile(path: "/nonexistent/file") }
  }
}
