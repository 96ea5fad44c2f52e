// Hello and attach with everything that can be wrong about them. Whoever fails is told why and
// shown out; a neighbour works all the while.

import CoherentControl
import CoherentSystem
import CoherentWire
import Glibc
import TestSupport
import Testing

extension IntegrationTests {
  @Suite struct HandshakeFailures {
    /// The refusal that ends the connection.
    private func lastWord(_ client: RawClient) throws -> Refusal {
      guard case .reply(_, .refused(let refusal)) = try client.next() else {
        throw TestFailure("no refusal")
      }
      #expect(refusal.reason == .protocolViolation)
      #expect(try client.next() == .closed)
      return refusal
    }

    @Test func aWrongHelloIsRefusedByName() throws {
      try TestDaemon.with { daemon in
        let bystander = try Bystander(daemon)
        let hello = RawClient.packet(.hello(lowestVersion: 1, highestVersion: 1), 1)
        func changed(_ offset: Int, _ value: UInt8) -> [UInt8] {
          var bytes = hello
          bytes[offset] = value
          return bytes
        }
        let cases: [(String, [UInt8], Int, Refusal.Detail)] = [
          ("magic", changed(16, 0x42), 0, .badMagic),
          ("lowest version 0", changed(24, 0), 0, .badField),
          ("versions the wrong way round", changed(24, 9), 0, .badField),
          ("rest", changed(28, 1), 0, .badField),
          ("short", Array(hello.dropLast()), 0, .badLength),
          ("long", hello + [0], 0, .badLength),
          ("very long", hello + Array(repeating: 0, count: 9000), 0, .badLength),
          ("one byte", [1], 0, .badLength),
          (
            "future", RawClient.packet(.hello(lowestVersion: 2, highestVersion: 9), 1), 0,
            .badVersion
          ),
          ("statistics", RawClient.packet(.statistics, 1), 0, .outOfOrder),
          (
            "allocate",
            RawClient.packet(
              .allocate(sizeBytes: 1, alignmentBytes: 0, timeoutMilliseconds: 0, priority: 0), 1),
            0, .outOfOrder
          ),
          ("a descriptor", hello, 1, .badDescriptorCount),
          ("four descriptors", hello, 4, .badDescriptorCount),
        ]
        for (name, bytes, descriptors, detail) in cases {
          let client = try RawClient(daemon)
          client.send(bytes, Array(repeating: client.socket.raw, count: descriptors))
          let refusal = try lastWord(client)
          #expect(refusal.detail == detail, "\(name): \(refusal)")
        }
        #expect(daemon.log.line(with: ["was not admitted"]) != nil)
        try bystander.expectUnharmed()
      }
    }

    @Test func aWiderRangeOfVersionsIsWelcome() throws {
      try TestDaemon.with { daemon in
        let client = try RawClient(daemon)
        guard
          case .welcome(let welcome) = try client.ask(
            .hello(lowestVersion: 1, highestVersion: 900))
        else { throw TestFailure("no welcome") }
        #expect(welcome.version == 1 && welcome.arenaBytes == 64 << 20)
        #expect(welcome.frameBytes == 4096 && !welcome.passesFaultDevice)
        #expect(welcome.maximumTimeoutMilliseconds == 60_000)
        #expect(welcome.maximumLeaseMilliseconds == 10_000)
        #expect(welcome.maximumRequestsInFlight == 64)
      }
    }

    @Test func requestsBeforeAttachAreOutOfOrder() throws {
      try TestDaemon.with { daemon in
        for request in [Request.statistics, .hello(lowestVersion: 1, highestVersion: 1)] {
          let client = try RawClient(daemon)
          try client.greet()
          client.begin(request)
          #expect(try lastWord(client).detail == .outOfOrder)
        }
      }
    }

    @Test func aDescriptorThatIsNoUserfaultIsRefusedAndHarmsNobody() throws {
      try TestDaemon.with { daemon in
        let bystander = try Bystander(daemon)
        let memory = try MemoryFile(name: "wrong", sizeBytes: 4096)
        let pipe = try Pipe()
        let pair = try LocalSocket.pair(kind: .stream)
        let null = Descriptor(owning: open("/dev/null", O_RDWR | O_CLOEXEC))
        let devices = KernelRight.userfaultfdDevice.isThere ? "/dev/userfaultfd" : "/dev/zero"
        let device = Descriptor(owning: open(devices, O_RDWR | O_CLOEXEC))
        let epoll = try EventCounter()
        for number in [
          memory.raw, pipe.readEnd.raw, pipe.writeEnd.raw, pair.first.raw, null.raw, device.raw,
          epoll.raw,
        ] {
          let client = try RawClient(daemon)
          try client.greet()
          let address = try client.map()
          client.begin(
            .attach(baseAddress: address, lengthBytes: client.welcome!.arenaBytes), [number])
          #expect(try lastWord(client).detail == .notUserfault)
        }
        #expect(daemon.log.line(with: ["protocolViolation", "no userfaultfd"]) != nil)
        #expect(try daemon.status().misbehavedClients == 7)
        try bystander.expectUnharmed()
      }
    }

    @Test func attachTakesExactlyOneDescriptor() throws {
      try TestDaemon.with { daemon in
        let bystander = try Bystander(daemon)
        for count in [0, 2, 3, 4] {
          let client = try RawClient(daemon)
          try client.greet()
          let address = try client.map()
          let userfault = try Userfault.create(userModeOnly: true)
          client.begin(
            .attach(baseAddress: address, lengthBytes: client.welcome!.arenaBytes),
            Array(repeating: userfault.raw, count: count))
          #expect(try lastWord(client).detail == .badDescriptorCount)
        }
        #expect(daemon.log.line(with: ["protocolViolation", "descriptors came"]) != nil)
        try bystander.expectUnharmed()
      }
    }

    /// Addresses and lengths that are wrong where these are right.
    private func wrongMappings(_ address: UInt64, _ length: UInt64) -> [(UInt64, UInt64)] {
      let page = UInt64(PageSize.bytes)
      return [
        (address, length - page), (address, length + page), (address, 0), (address, .max),
        (address + 1, length), (address + page, length), (address - length, length),
        (0, length), (page, length), (UInt64.max - page + 1, length),
      ]
    }

    @Test func aMappingThatIsNotThereIsRefused() throws {
      try TestDaemon.with { daemon in
        let bystander = try Bystander(daemon)
        for wrong in 0..<10 {
          let client = try RawClient(daemon)
          try client.greet()
          let told = wrongMappings(try client.map(), client.welcome!.arenaBytes)[wrong]
          let userfault = try Userfault.create(userModeOnly: true)
          client.begin(.attach(baseAddress: told.0, lengthBytes: told.1), [userfault.raw])
          let refusal = try lastWord(client)
          #expect(refusal.detail == .badMapping, "\(told): \(refusal)")
        }
        #expect(daemon.log.line(with: ["is ended:"]) != nil)
        try bystander.expectUnharmed()
      }
    }

    @Test func anotherMappingThanTheArenaIsRefusedOrHarmsNobodyElse() throws {
      try TestDaemon.with { daemon in
        let bystander = try Bystander(daemon)
        let client = try RawClient(daemon)
        try client.greet()
        let anonymous = try Mapping(anonymousBytes: Int(client.welcome!.arenaBytes))
        let userfault = try Userfault.create(userModeOnly: true)
        client.begin(
          .attach(baseAddress: anonymous.address, lengthBytes: client.welcome!.arenaBytes),
          [userfault.raw])
        #expect(try lastWord(client).detail == .badMapping)
        try bystander.expectUnharmed()
      }
    }

    @Test func aUserfaultThatWasUsedBeforeIsRefused() throws {
      try TestDaemon.with { daemon in
        let bystander = try Bystander(daemon)
        let client = try RawClient(daemon)
        try client.greet()
        let address = try client.map()
        let userfault = try Userfault.create(userModeOnly: true)
        try userfault.handshake()
        client.begin(
          .attach(baseAddress: address, lengthBytes: client.welcome!.arenaBytes), [userfault.raw])
        #expect(try lastWord(client).detail == .userfaultFailed)
        #expect(daemon.log.line(with: ["its userfaultfd cannot be used"]) != nil)
        try bystander.expectUnharmed()
      }
    }

    @Test func whoeverTakesTooLongToAttachIsShownOut() throws {
      try TestDaemon.with(["Requests.AttachTimeout": "100ms"]) { daemon in
        let bystander = try Bystander(daemon)
        let silent = try RawClient(daemon)
        let slow = try RawClient(daemon)
        try slow.greet()
        #expect(try silent.next() == .closed)
        #expect(try slow.next() == .closed)
        #expect(daemon.log.line(with: ["did not attach within the time"]) != nil)
        try bystander.expectUnharmed()
      }
    }

    @Test func aCrowdThatSaysNothingKeepsNobodyOut() throws {
      try TestDaemon.with { daemon in
        let bystander = try Bystander(daemon)
        var crowd: [RawClient] = []
        for _ in 0..<300 { crowd.append(try RawClient(daemon)) }
        let latecomer = try RawClient.attached(daemon)
        guard case .statistics = try latecomer.ask(.statistics) else {
          throw TestFailure("no statistics")
        }
        crowd = []
        try bystander.expectUnharmed()
      }
    }
  }
}
