// A process in the guest that uses the client library at the test's command: the integration tests'
// client, whose commands come by the guest's shell.

final class GuestClient {
  private let name: String
  private let guest: Guest

  /// Starts it under a name of its own, and connects it.
  init(_ name: String, in guest: Guest) throws {
    self.name = name
    self.guest = guest
    try guest.done("client \(name)")
    try done("connect")
  }

  /// Gives a command that must succeed.
  func done(_ command: String) throws {
    let answer = try guest.done("ask \(name) \(command)")
    guard answer.hasPrefix("ok") else { throw TestFailure("client \(name): \(command): \(answer)") }
  }

  /// Allocates buffers and fills each with a pattern of its own.
  func fill(buffers: Range<Int>, bytesEach: Int) throws {
    for buffer in buffers {
      try done("allocate \(bytesEach) 128 20000")
      try done("fill \(buffer) \(buffer)")
    }
  }

  /// Compares every byte with the pattern that was filled in.
  func verify(buffers: Range<Int>) throws {
    for buffer in buffers { try done("verify \(buffer) \(buffer)") }
  }

  /// How many pages of memory files it has mapped that lie on a NUMA node.
  func mappedPages(node: Int) throws -> Int { try guest.number("mapped_pages \(name) \(node)") }
}
