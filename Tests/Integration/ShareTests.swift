// One user takes all that one user can get of everything that all users share, in every order that
// it likes; a client of another user beside it is refused nothing.

import CoherentControl
import CoherentSystem
import CoherentWire
import TestSupport
import Testing

extension IntegrationTests {
  @Suite(.enabled(if: KernelRight.otherUser.isThere, "\(KernelRight.otherUser)"))
  struct Shares {
    private static let settings = [
      "Limits.Sessions": "12", "Limits.Connecting": "20", "Limits.Allocations": "200",
      "Requests.Waiting": "40", "Host.Limit": "40M", "Leases.Maximum": "10min",
    ]

    /// What a client does that minds its own business.
    private func expectServed(_ daemon: TestDaemon, _ identity: Launch.Identity? = nil) throws {
      let good = try daemon.client(identity: identity)
      let buffer = try good.allocate(1 << 20)
      try good.done("fill \(buffer) 5")
      try daemon.evictAll(session: try daemon.session(of: good.process))
      try good.done("verify \(buffer) 5")
      let pin = try good.number("pin \(buffer) 0 4096 100 20000")
      try good.done("unpin \(pin)")
      try good.done("migrate \(buffer) host 20000")
      try good.done("advise \(buffer) discard")
      try good.done("verify-zero \(buffer)")
      try good.done("free \(buffer)")
      good.end()
    }

    private func crowd(_ daemon: TestDaemon) throws -> ClientProcess {
      try daemon.client(identity: nobody, connects: false)
    }

    @Test func connectionsThatDoNotAttachAreNoSessionsAndLeaveRoom() throws {
      try TestDaemon.with(Self.settings) { daemon in
        let crowd = try crowd(daemon)
        for verb in ["crowd-hello", "crowd-connect", "crowd-hello"] {
          try crowd.done("\(verb) 100")
          try expectServed(daemon)
        }
        try daemon.eventually(status: "none of them is a session") { $0.sessions == 0 }
        #expect(try daemon.status().refusedByShare >= 100)
        #expect(daemon.log.line(with: ["User 65534", "connections that do not attach"]) != nil)
        try expectServed(daemon, nobody)
      }
    }

    @Test func sessionsOfOneUserLeaveRoom() throws {
      try TestDaemon.with(Self.settings) { daemon in
        let crowd = try crowd(daemon)
        #expect(
          try crowd.done("crowd-sessions 20") == ["10", "overLimit", "shareOfSessions"])
        try expectServed(daemon)
        try daemon.eventually(status: "only its own share is left") { $0.sessions == 10 }
        #expect(daemon.log.line(with: ["User 65534 has too many sessions", "2 more"]) != nil)
      }
    }

    @Test func promisedHostMemoryOfOneUserLeavesRoom() throws {
      try TestDaemon.with(Self.settings) { daemon in
        let crowd = try crowd(daemon)
        try crowd.done("crowd-sessions 2")
        #expect(
          try crowd.done("crowd-allocate \(2 << 20) 40")
            == ["18", "overLimit", "shareOfHostMemory"])
        try expectServed(daemon)
        #expect(try daemon.status().hostReservedBytes == 36 << 20)
      }
    }

    @Test func allocationsOfOneUserLeaveRoom() throws {
      try TestDaemon.with(Self.settings) { daemon in
        let crowd = try crowd(daemon)
        try crowd.done("crowd-sessions 2")
        #expect(
          try crowd.done("crowd-allocate 4096 400") == ["180", "overLimit", "shareOfAllocations"])
        try expectServed(daemon)
      }
    }

    @Test func waitingRequestsOfOneUserLeaveRoom() throws {
      try TestDaemon.with(Self.settings) { daemon in
        let good = try daemon.client()
        let spare = try good.allocate(64 << 10)
        try good.done("fill \(spare) 3")
        let held = try good.allocate(7 << 20)
        let pin = try good.number("pin \(held) 0 \(7 << 20) 600000 20000")
        let crowd = try crowd(daemon)
        try crowd.done("crowd-sessions 4")
        try crowd.done("crowd-wait \(4 << 20) 80")
        try daemon.eventually(status: "as many wait as may") { $0.waiters == 36 }
        try good.done("advise \(spare) discard")
        try good.done("verify-zero \(spare)")
        let other = try daemon.client()
        try other.done("wait-for-memory \(4 << 20) 60000")
        try daemon.eventually(status: "one more waits") { $0.waiters == 37 }
        try good.done("unpin \(pin)")
        crowd.end()
        try daemon.eventually(status: "all are served") { $0.waiters == 0 }
      }
    }

    @Test func chargesAreThoseOfTheUsersAfterTheDaemonsDeath() throws {
      let socket = try NotifySocket()
      try TestDaemon.with(Self.settings, environment: socket.environment()) { daemon in
        let crowd = try crowd(daemon)
        try crowd.done("crowd-sessions 9")
        try daemon.dieAndGoOn(socket.store)
        #expect(
          try crowd.done("crowd-sessions 9") == ["1", "overLimit", "shareOfSessions"])
        try expectServed(daemon)
      }
    }
  }
}
