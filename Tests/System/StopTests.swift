// Stopping it, and that a stop is not the end.

import Testing

extension SystemTests {
  @Suite(.enabled(if: obstacle == nil, reason)) struct Stop {
    @Test func aStopHandsEveryClientItsData() throws {
      try Sandbox.with { sandbox in
        let clients = try (0..<2).map { _ in try SandboxClient(sandbox) }
        for client in clients { try client.fill(buffers: 0..<4, bytesEach: 4 << 20) }
        try sandbox.done("systemctl stop coherentd.socket coherentd-control.socket")
        #expect(try sandbox.property("ActiveState") == "inactive")
        #expect(try sandbox.property("Result") == "success")
        for client in clients { try client.verify(buffers: 0..<4) }
      }
    }

    @Test func afterAStopTheNextClientStartsItAgain() throws {
      try Sandbox.with { sandbox in
        try sandbox.done("systemctl start coherentd.service")
        let process = try sandbox.property("MainPID")
        try sandbox.done("systemctl stop coherentd.service")
        #expect(try sandbox.property("ActiveState") == "inactive")
        let client = try SandboxClient(sandbox)
        try client.fill(buffers: 0..<4, bytesEach: 4 << 20)
        try client.verify(buffers: 0..<4)
        #expect(try sandbox.property("MainPID") != process)
      }
    }

    @Test func stoppingTheSocketsStopsEverythingAndLeavesNoSocket() throws {
      try Sandbox.with { sandbox in
        try sandbox.done("systemctl start coherentd.service")
        try sandbox.done("systemctl stop coherentd.socket coherentd-control.socket")
        #expect(try sandbox.property("ActiveState") == "inactive")
        #expect(try sandbox.done("ls /run/coherentd") == "")
        #expect(try sandbox.run("coherentctl").exit == .status(3))
      }
    }
  }
}
