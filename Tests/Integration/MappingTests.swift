// What a client has at its arena's address: something else is refused when it attaches, or ends the
// session by name as soon as a fault shows it.

import CoherentSystem
import CoherentWire
import Glibc
import Testing

extension IntegrationTests {
  @Suite struct Mappings {
    @Test(arguments: WrongMapping.allCases)
    func whatIsNotTheArenaIsRefusedAtAttach(_ wrong: WrongMapping) throws {
      try TestDaemon.with { daemon in
        let bystander = try Bystander(daemon)
        let client = try RawClient(daemon)
        try client.greet()
        let bytes = client.welcome!.arenaBytes
        let address = try wrong.make(file: client.fileNumber, arenaBytes: Int(bytes))
        let fault = try Userfault.create(userModeOnly: true)
        let refusal = try client.refusal(
          .attach(baseAddress: address, lengthBytes: bytes), [fault.raw])
        #expect(refusal.reason == .protocolViolation && refusal.detail == .badMapping)
        #expect(try client.next() == .closed)
        #expect(try daemon.status().misbehavedClients == 1)
        try bystander.expectUnharmed()
      }
    }

    @Test func whatIsPutInTheArenasPlaceLaterEndsTheSessionByName() throws {
      try TestDaemon.with { daemon in
        let bystander = try Bystander(daemon)
        let client = try daemon.client()
        let buffer = try client.allocate(1 << 20)
        try client.done("fill \(buffer) 1")
        try client.begin("replace \(buffer)")
        let words = ["process \(client.process)", "is not its arena", "cannot be mapped"]
        #expect(daemon.log.line(with: words) != nil)
        try daemon.eventually(status: "its session is gone") {
          $0.sessions == 1 && $0.misbehavedClients == 1
        }
        try bystander.expectUnharmed()
      }
    }
  }
}
