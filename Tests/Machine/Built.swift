// What a guest is made of: programs of this package that were built, and what prepare.sh has got.

import CoherentSystem

enum Built {
  static let emulator = "/usr/bin/qemu-system-x86_64"
  static let kernel = "\(repository)/.build/machine/vmlinuz"
  static let busybox = "\(repository)/.build/machine/busybox"
  static let imageMaker = "\(repository)/Tests/Machine/make-image.sh"

  /// The root of the repository, found from the place of this file.
  private static let repository =
    "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")

  /// Where the programs are: what COHERENTD_PRODUCTS says, as Tests/run-tests.sh does when it has
  /// built them for release, else beside these tests.
  static func products() throws -> String {
    if let given = Environment.get("COHERENTD_PRODUCTS"), !given.isEmpty { return given }
    let tests = try Process.executablePath()
    return String(tests[..<tests.lastIndex(of: "/")!])
  }

  /// What is missing for a guest, as a sentence.
  static func obstacle() -> String? {
    guard SmallFile.exists(path: emulator) else {
      return "needs emulator: \(emulator) is not here; Debian's package is qemu-system-x86"
    }
    guard SmallFile.exists(path: kernel), SmallFile.exists(path: busybox) else {
      return "needs guest-kernel: there is none in .build/machine; Tests/Machine/prepare.sh gets it"
    }
    return nil
  }
}

/// What the test cannot go on after.
struct TestFailure: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
