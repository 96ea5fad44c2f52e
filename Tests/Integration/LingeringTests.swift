// What closes slowly: a client sends sockets whose last closing takes longer than any test, at each
// step of the protocol. Nobody else waits for one of them: not the next request, not
// administration, not the end.

import CoherentControl
import CoherentSystem
import CoherentWire
import Glibc
import TestSupport
import Testing

extension IntegrationTests {
  @Suite struct Lingering {
    /// Where what lingers is put.
    enum Step: CaseIterable {
      case beforeHello
      case inAPacketWithMany
      case behindAHello
      case inASession
      case behindARequest
      case insteadOfAUserfaultfd
      case besideAUserfaultfd
      case insideAQueuedSocket
    }

    private static let hello = Request.hello(
      lowestVersion: ProtocolVersion.current, highestVersion: ProtocolVersion.current)

    /// Sends it, and whatever goes with it; the connection is to end.
    private func send(_ lingering: CInt, _ step: Step, _ client: RawClient) throws {
      let hello = RawClient.packet(Self.hello, 1)
      switch step {
      case .beforeHello: client.send(hello, [lingering])
      case .inAPacketWithMany:
        client.send(hello, Array(repeating: lingering, count: LocalSocket.maximumDescriptors))
      case .behindAHello:
        client.send(RawClient.packet(.statistics, 1))
        client.send(hello, [lingering])
      case .inASession:
        try client.greet()
        _ = try client.attach()
        client.begin(.statistics, [lingering])
      case .behindARequest:
        client.begin(.statistics)
        client.begin(.statistics, [lingering])
      case .insteadOfAUserfaultfd:
        try client.greet()
        client.begin(
          .attach(baseAddress: try client.map(), lengthBytes: client.welcome!.arenaBytes),
          [lingering])
      case .besideAUserfaultfd:
        try client.greet()
        client.begin(
          .attach(baseAddress: try client.map(), lengthBytes: client.welcome!.arenaBytes),
          [lingering, lingering])
      case .insideAQueuedSocket:
        let pair = try LocalSocket.pair(kind: .stream)
        [UInt8](repeating: 0, count: 1).withUnsafeBytes {
          _ = pair.first.send($0, descriptors: [lingering])
        }
        client.send(hello, [pair.second.raw])
      }
    }

    @Test(arguments: Step.allCases)
    func whatAClientSendsIsClosedWhileEverybodyGoesOn(_ step: Step) throws {
      try TestDaemon.with { daemon in
        let bystander = try Bystander(daemon)
        let lingering = LingeringSocket()
        let client = try RawClient(daemon)
        // It reads what is behind a wrong packet only after all of it was sent.
        if step == .behindAHello || step == .behindARequest {
          if step == .behindARequest { try client.greet() }
          try daemon.send(signal: SIGSTOP)
        }
        try send(lingering.raw, step, client)
        lingering.giveAway()
        try daemon.send(signal: SIGCONT)
        while try client.next() != .closed {}
        try daemon.eventually(status: "it is being closed") { $0.closings > 0 }
        try bystander.expectUnharmed()
        #expect(try daemon.status().closings > 0, "it still is")
        // Of one, the daemon's end does not wait for it.
        if step == .beforeHello { return }
        lingering.letGo()
        try daemon.eventually(status: "all is closed") { $0.closings == 0 }
      }
    }

    @Test func whatIsSentToAdministrationIsClosedWhileItGoesOn() throws {
      try TestDaemon.with { daemon in
        let lingering = [LingeringSocket(), LingeringSocket()]
        for (index, socket) in lingering.enumerated() {
          let connection = try LocalSocket.connect(path: daemon.controlPath, kind: .stream)
          [UInt8](repeating: 1, count: 1).withUnsafeBytes { byte in
            _ = connection.send(byte, descriptors: [socket.raw])
          }
          socket.giveAway()
          try daemon.eventually(status: "it is being closed") { $0.closings == UInt64(index + 1) }
        }
        #expect(daemon.log.line(with: ["administration", "sent descriptors"]) != nil)
        lingering[1].letGo()
        try daemon.eventually(status: "one is closed") { $0.closings == 1 }
      }
    }

    @Test(.enabled(if: KernelRight.otherUser.isThere, "\(KernelRight.otherUser)"))
    func whoseClosingsStandStillIsAdmittedNoMoreAndOthersAre() throws {
      try TestDaemon.with { daemon in
        let limit = Closer.Limits().closingsPerUser
        let lingering = try (0..<limit).map { _ in
          let socket = LingeringSocket()
          let client = try RawClient(daemon)
          try send(socket.raw, .beforeHello, client)
          socket.giveAway()
          #expect(try client.next() != .closed, "it is told why")
          return socket
        }
        try daemon.eventually("no more of this user is admitted") {
          let client = try RawClient(daemon)
          client.send(RawClient.packet(Self.hello, 1))
          guard case .reply(_, .refused(let refusal)) = try client.next() else { return false }
          #expect(refusal.reason == .overLimit && refusal.detail == .tooManyClosings)
          #expect(refusal.asked >= UInt64(limit) && refusal.limit == UInt64(limit))
          return true
        }
        #expect(daemon.log.line(with: ["do not come to an end"]) != nil)
        let bystander = try daemon.client(identity: nobody)
        let buffer = try bystander.allocate(64 << 10)
        try bystander.done("fill \(buffer) 1")
        try bystander.done("verify \(buffer) 1")
        for socket in lingering { socket.letGo() }
        try daemon.eventually(status: "all is closed") { $0.closings == 0 }
        _ = try RawClient.attached(daemon)
      }
    }
  }
}
