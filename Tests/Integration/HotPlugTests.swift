// Memory blocks come and go under a real daemon with real clients: nothing is lost, whatever is in
// the way, and what the kernel has committed is the sum of the blocks that are online.

import CoherentControl
import CoherentSystem
import CoherentWire
import Glibc
import Testing

extension IntegrationTests {
  @Suite struct HotPlug {
    private static let settings = [
      "Region.Blocks": "2", "Region.MaximumBlocks": "5", "Leases.Maximum": "1h",
    ]

    /// How many orders the random test gives.
    private static let rounds =
      Environment.get("COHERENTD_HOTPLUG_ROUNDS").flatMap(Int.init) ?? 2000

    @Test func atRandomUnderWritersNothingIsLost() throws {
      try TestDaemon.with(Self.settings) { daemon in
        let clients = try (0..<2).map { _ in try daemon.client() }
        for client in clients {
          for _ in 0..<3 { try client.allocate(1 << 20) }
          try client.done("write 2 17 0")
        }
        var plug = try BlockPlug(daemon, seed: 5)
        for _ in 0..<Self.rounds { try plug.next() }
        #expect(plug.onlined > Self.rounds / 20 && plug.offlined > Self.rounds / 20)
        try plug.bringEverythingOnline()
        for client in clients { #expect(try client.number("stop-writing") > 0) }
        try daemon.expectCommittedIsOnline()
        daemon.expectNothingLost(try daemon.status())
      }
    }

    @Test func withoutAnyBlockEveryClientKeepsItsData() throws {
      try TestDaemon.with(Self.settings) { daemon in
        let client = try daemon.client()
        let buffers = try (0..<3).map { _ in try client.allocate(1 << 20) }
        for buffer in buffers { try client.done("fill \(buffer) \(buffer)") }
        try daemon.offline([0, 1])
        let status = try daemon.eventually(status: "the device is gone") {
          $0.blocksOffline == 2 && $0.onlineBytes == 0
        }
        #expect(status.deviceBytes == 0 && status.capacityBytes == 4 << 20)
        for buffer in buffers { try client.done("verify \(buffer) \(buffer)") }
        #expect(try daemon.status().hostBytes == 3 << 20, "an access finds it in host memory")
        let refusal = try client.refused("allocate 4096 128 1000")
        #expect(refusal.reason == "regionGoingOffline", "\(refusal)")
        for buffer in buffers { try client.done("fill \(buffer) \(buffer + 7)") }
        #expect(try daemon.online([0]) == [0])
        try client.done("migrate 0 device 10000")
        let other = try client.allocate(4096)
        try client.done("free \(other)")
        for buffer in buffers { try client.done("verify \(buffer) \(buffer + 7)") }
      }
    }

    @Test func aPinKeepsABlockUntilItsLeaseIsOver() throws {
      try TestDaemon.with(Self.settings) { daemon in
        let client = try daemon.client()
        let buffer = try client.allocate(3 << 20)
        try client.done("fill \(buffer) 3")
        let pin = try client.done("pin \(buffer) 0 \(3 << 20) 600000 20000")
        var control = try daemon.control()
        let plans = try control.planOffline(OfflineOrder(blocks: [0, 1]))
        #expect(plans.map(\.pinnedBytes).reduce(0, +) == 3 << 20, "\(plans)")
        #expect(plans.contains { $0.holders.first?.process == client.process })
        try daemon.offline([0, 1])
        let going = try daemon.blocks()
        #expect(going.contains { $0.holders.first?.process == client.process }, "\(going)")
        try client.done("verify \(buffer) 3")
        // Whoever gives up puts them back, with everything that is there.
        #expect(Set(try daemon.online([0, 1])) == [0, 1])
        #expect(try daemon.blocks().allSatisfy { $0.lastFailure == .cancelled })
        #expect(try daemon.status().deviceBytes == 3 << 20)
        try daemon.offline([0, 1])
        try client.done("unpin \(pin[0])")
        try daemon.eventually(status: "both are offline") { $0.blocksOffline == 2 }
        try client.done("verify \(buffer) 3")
      }
    }

    @Test func whatTakesTooLongIsOnlineAgain() throws {
      try TestDaemon.with(Self.settings) { daemon in
        let client = try daemon.client()
        let buffer = try client.allocate(3 << 20)
        try client.done("fill \(buffer) 4")
        _ = try client.done("pin \(buffer) 0 \(3 << 20) 600000 20000")
        try daemon.offline([0, 1], timeoutMilliseconds: 50)
        try daemon.eventually(status: "they are online again") { $0.blocksOnline == 2 }
        #expect(try daemon.blocks().contains { $0.lastFailure == .timedOut })
        try client.done("verify \(buffer) 4")
      }
    }

    @Test func aLongTermPinIsInNobodysWay() throws {
      try TestDaemon.with(Self.settings) { daemon in
        let client = try daemon.client()
        let buffer = try client.allocate(3 << 20)
        try client.done("fill \(buffer) 5")
        let pin = try client.done("pin-long \(buffer) 0 \(3 << 20) 20000")
        try daemon.offline([0, 1])
        try daemon.eventually(status: "both are offline") { $0.blocksOffline == 2 }
        try client.done("verify \(buffer) 5")
        try client.done("unpin \(pin[0])")
      }
    }

    @Test func aStoppedClientHoldsNoBlockUp() throws {
      try TestDaemon.with(Self.settings) { daemon in
        let client = try daemon.client()
        let buffer = try client.allocate(3 << 20)
        try client.done("fill \(buffer) 6")
        try client.kill(SIGSTOP)
        try daemon.offline([0, 1])
        try daemon.eventually(status: "both are offline") { $0.blocksOffline == 2 }
        try client.kill(SIGCONT)
        try client.done("verify \(buffer) 6")
      }
    }

    @Test func aClientThatDiesMeanwhileHoldsNoBlockUp() throws {
      try TestDaemon.with(Self.settings) { daemon in
        let client = try daemon.client()
        let buffer = try client.allocate(3 << 20)
        try client.done("fill \(buffer) 7")
        _ = try client.done("pin \(buffer) 0 \(3 << 20) 600000 20000")
        try daemon.offline([0, 1])
        #expect(try daemon.status().blocksGoingOffline > 0)
        try client.kill(SIGKILL)
        client.end()
        try daemon.eventually(status: "both are offline") { $0.blocksOffline == 2 }
      }
    }

    @Test func whatTheHostHasNotIsNotOnlined() throws {
      try TestDaemon.with([
        "Region.MaximumBlocks": "1024", "Region.BlockSize": "2G", "Region.Blocks": "1",
        "Region.FrameSize": "2M", "Pressure.EvictionRun": "2M",
        "Host.Limit": "2G",
      ]) { daemon in
        var control = try daemon.control()
        let added = try control.addBlocks(AddBlocksOrder(count: 1023))
        #expect(added.changed.count == 1023)
        let failure = #expect(throws: ControlFailure.self) {
          try control.onlineBlocks(BlocksOrder(blocks: added.changed))
        }
        guard case .call(.control(.refused(let detail))) = failure else {
          throw TestFailure("\(String(describing: failure))")
        }
        #expect(detail.reason == "outOfHostMemory" && detail.message.contains(" missing; "))
        #expect(try daemon.status().blocksOnline == 1)
        try daemon.expectCommittedIsOnline()
      }
    }

    @Test func whatWasPromisedIsNotTaken() throws {
      try TestDaemon.with(Self.settings.merging(["Region.Oversubscribe": "no"]) { $1 }) { daemon in
        let client = try daemon.client()
        let buffer = try client.allocate(3 << 20)
        try client.done("fill \(buffer) 8")
        var control = try daemon.control()
        let failure = #expect(throws: ControlFailure.self) {
          try control.offlineBlocks(OfflineOrder(blocks: [1]))
        }
        guard case .call(.control(.refused(let detail))) = failure else {
          throw TestFailure("\(String(describing: failure))")
        }
        #expect(detail.reason == "notMigratable" && detail.message.contains("promised"))
        _ = try control.addBlocks(AddBlocksOrder(blocks: [4]))
        #expect(try daemon.online([4]) == [4])
        try daemon.offline([1])
        try daemon.eventually(status: "it is offline") { $0.blocksOffline == 1 }
        #expect(try daemon.status().deviceBytes == 3 << 20, "nothing has left the device")
        try client.done("verify \(buffer) 8")
      }
    }

    // MARK: deaths

    @Test(arguments: [
      nil, "after-block-commit", "after-block-online", "after-note",
    ])
    func blocksAreAsTheyWereAfterADeath(_ point: String?) throws {
      let socket = try NotifySocket()
      let armed = point.map { ["COHERENTD_KILL_POINT=\($0)"] } ?? []
      try TestDaemon.with(Self.settings, environment: socket.environment()) { daemon in
        let client = try daemon.client()
        let buffer = try client.allocate(3 << 20)
        try client.done("fill \(buffer) 9")
        var control = try daemon.control()
        _ = try control.addBlocks(AddBlocksOrder(blocks: [3]))
        _ = try client.done("pin \(buffer) 0 \(3 << 20) 600000 20000")
        try daemon.offline([0, 1], timeoutMilliseconds: 600_000)
        // The next one has it all, and dies where it is told to, or at once.
        try daemon.send(signal: SIGKILL)
        try daemon.goOn(socket.store, environment: armed)
        let status = try daemon.status()
        #expect(status.blocks == 3 && status.blocksOnline == 0 && status.blocksOffline == 1)
        #expect(status.blocksGoingOffline == 2)
        if point == nil {
          try daemon.send(signal: SIGKILL)
        } else {
          _ = try? daemon.online([3])
          _ = try? daemon.online([0])
        }
        try daemon.goOn(socket.store)
        try client.done("verify \(buffer) 9")
        _ = try daemon.online([0, 1, 3])
        #expect(try daemon.status().blocksOnline == 3)
        try daemon.expectCommittedIsOnline()
        try client.done("verify \(buffer) 9")
      }
    }
  }
}
