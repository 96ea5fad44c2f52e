// What a client may have at most (its limits, setrlimit(2)) and what it does to its own memory
// (mlockall): none of it loses data, and what cannot be had is said as what it is.

import CoherentControl
import CoherentSystem
import Glibc
import TestSupport
import Testing

extension IntegrationTests {
  @Suite struct ClientMeans {
    /// Limits that a client lives with: a file size, a stack, a core file, a data segment.
    @Test(arguments: [
      "ulimit -f 0", "ulimit -f 1000", "ulimit -c 0", "ulimit -s 512", "ulimit -d 400000",
      "ulimit -f 1; ulimit -c 0; ulimit -s 512; ulimit -n 40; ulimit -l 64",
    ]) func underALimitEveryByteComesBackFromAKilledDaemon(_ limits: String) throws {
      try TestDaemon.with(["Region.Blocks": "2"]) { daemon in
        let client = try daemon.client(limits: limits)
        for buffer in 0..<8 {
          try client.allocate(1 << 20)
          try client.done("fill \(buffer) \(buffer + 1)")
        }
        try daemon.evictAll()
        try daemon.send(signal: SIGKILL)
        #expect(daemon.hasEnded(withinMilliseconds: 60_000))
        for buffer in 0..<8 { try client.done("verify \(buffer) \(buffer + 1)") }
        try client.done("free 0")
        try daemon.goOn(KeptStore())
      }
    }

    /// Every number of descriptors, from none left to enough.
    @Test func descriptorsThatHaveRunOutAreSaidAsTheClientsOwn() throws {
      try TestDaemon.with { daemon in
        var refused = 0
        var connected = 0
        for count in 4..<18 {
          let client = try daemon.client(limits: "ulimit -n \(count)", connects: false)
          switch try client.ask("connect") {
          case .done: connected += 1
          case .refused(let refusal):
            refused += 1
            #expect(refusal.reason == "overLimit", "\(count): \(refusal)")
            #expect(refusal.detail == "localDescriptors" && refusal.limit == count, "\(refusal)")
          case let other: Issue.record("\(count): \(other)")
          }
          client.end()
        }
        #expect(refused >= 3 && connected >= 3)
        #expect(try daemon.status().misbehavedClients == 0)
      }
    }

    @Test func addressSpaceThatHasRunOutIsSaidAsTheClientsOwn() throws {
      try TestDaemon.with(["Arena.Size": "8G"]) { daemon in
        let client = try daemon.client(limits: "ulimit -v 4000000", connects: false)
        let refusal = try client.refused("connect")
        #expect(refusal.reason == "outOfHostMemory" && refusal.detail == "localAddressSpace")
        #expect(refusal.limit == 4_000_000 << 10)
        #expect(try daemon.status().misbehavedClients == 0)
      }
    }

    @Test(.enabled(if: KernelRight.otherUser.isThere, "\(KernelRight.otherUser)"))
    func threadsThatHaveRunOutAreSaidAsTheClientsOwn() throws {
      try TestDaemon.with { daemon in
        // A user of its own, whose threads nobody else has.
        let lonely = Launch.Identity(user: 65_431, group: 65_431)
        let client = try daemon.client(identity: lonely, limits: "ulimit -u 1", connects: false)
        let refusal = try client.refused("connect")
        #expect(refusal.reason == "overLimit" && refusal.detail == "localThreads")
        #expect(refusal.limit == 1)
        #expect(try daemon.status().misbehavedClients == 0)
      }
    }

    @Test(
      .enabled(if: KernelRight.memoryLock.isThere, "\(KernelRight.memoryLock)"),
      arguments: [2, 3, 7])
    func aProgramThatLockedItsMemoryIsAClientLikeAnyOther(_ flags: Int) throws {
      try TestDaemon.with { daemon in
        let client = try daemon.client(connects: false)
        try client.done("lock-memory \(flags)")
        try client.connect()
        try client.allocate(1 << 20)
        #expect(try client.done("query 0") == ["untouched:\(1 << 20)"])
        try client.done("fill 0 9")
        #expect(try client.done("query 0") == ["device:\(1 << 20)"])
        let file = try #require(try MemoryFiles(process: daemon.process).sessions.first)
        #expect(file.committedBytes == 1 << 20, "the kernel has filled nothing by itself")
        try daemon.evictAll()
        try client.done("verify 0 9")
      }
    }

    @Test(
      .enabled(if: KernelRight.memoryLock.isThere, "\(KernelRight.memoryLock)"), arguments: [3, 7])
    func aClientMayLockItsMemoryLater(_ flags: Int) throws {
      try TestDaemon.with { daemon in
        let client = try daemon.client()
        try client.allocate(256 << 10)
        try client.done("fill 0 5")
        try client.done("lock-memory \(flags)")
        for buffer in 1..<9 {
          try client.allocate(1 << 20)
          try client.done("fill \(buffer) \(buffer)")
        }
        try daemon.evictAll()
        try client.done("verify 0 5")
        for buffer in 1..<9 { try client.done("verify \(buffer) \(buffer)") }
        try daemon.send(signal: SIGKILL)
        #expect(daemon.hasEnded(withinMilliseconds: 60_000))
        for buffer in 1..<9 { try client.done("verify \(buffer) \(buffer)") }
        try daemon.goOn(KeptStore())
      }
    }

    @Test(.enabled(if: KernelRight.otherUser.isThere, "\(KernelRight.otherUser)"))
    func aLimitOfLockedMemoryIsSaidAsWhatItIs() throws {
      try TestDaemon.with { daemon in
        let client = try daemon.client(
          identity: nobody, limits: "ulimit -l 4096", connects: false)
        try client.done("lock-memory 2")
        let refusal = try client.refused("connect")
        #expect(refusal.reason == "overLimit" && refusal.detail == "localLockedMemory")
        #expect(refusal.limit == 4 << 20)
      }
    }

    @Test func anAlignmentIsGrantedUpToHalfTheArenaWhereverItIsMapped() throws {
      try TestDaemon.with { daemon in
        for _ in 0..<3 {
          let client = try daemon.client()
          for power in 12...25 {
            let address = try client.number("allocate-aligned \(1 << power)")
            #expect(address % (1 << power) == 0)
            try client.done("free \(power - 12)")
          }
          let refusal = try client.refused("allocate-aligned \(1 << 26)")
          #expect(refusal.detail == "badAlignment" && refusal.limit == 1 << 25)
        }
      }
    }
  }
}
