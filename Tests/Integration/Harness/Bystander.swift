// A client that minds its own business while a test does something to the daemon or to another
// client: it writes all the while, and must be able to, and must find every word as it left it.

import Testing

struct Bystander {
  let client: ClientProcess
  private let daemon: TestDaemon

  init(_ daemon: TestDaemon) throws {
    self.daemon = daemon
    client = try daemon.client()
    for _ in 0..<8 { try client.allocate(32 << 10) }
    try client.done("write 2 23 0")
    try expectProgress()
  }

  /// It goes on working, also with memory that is taken from it now.
  func expectProgress(sourceLocation: SourceLocation = #_sourceLocation) throws {
    let before = try client.number("written")
    try daemon.evictAll(session: try daemon.session(of: client.process))
    try daemon.eventually("a bystander goes on", sourceLocation: sourceLocation) {
      try client.number("written") > before
    }
  }

  /// It worked to the end, and nothing of it was lost.
  func expectUnharmed(sourceLocation: SourceLocation = #_sourceLocation) throws {
    try expectProgress(sourceLocation: sourceLocation)
    let answer = try client.ask("stop-writing")
    guard case .done = answer else {
      throw TestFailure("\(sourceLocation): a bystander was harmed: \(answer)")
    }
    client.end()
  }
}
