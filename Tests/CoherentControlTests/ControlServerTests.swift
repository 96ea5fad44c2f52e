// The server and real sockets: every method, long lists, orders that wait, callers that leave. No
// caller may ever hold up another one, or get an answer that was meant for another one.

import CoherentControl
import CoherentSystem
import CoherentWire
import Testing

@Suite struct ControlServerTests {
  @Test func servesEveryMethodToTheClient() throws {
    let harness = try ServerHarness()
    var client = try harness.client()
    #expect(try client.status() == harness.source.status())
    #expect(try client.info().product == "coherentd")
    var sessions: [SessionReport] = []
    try client.sessions { sessions += $0 }
    #expect(sessions == (0..<3).map(harness.source.session))
    var order = EvictionOrder()
    order.bytes = 3 << 16
    #expect(try client.evict(order).evictedFrames == 3)
    let migration = MigrationOrder(
      session: SessionID(rawValue: 1), allocation: HandleID(rawValue: 2), target: .device)
    #expect(try client.migrate(migration).movedFrames == 7)
  }

  @Test func streamsALongListWhole() throws {
    let harness = try ServerHarness(SampleSource(allocations: 20_000))
    var client = try harness.client()
    var next: UInt64 = 0
    try client.allocations(of: nil) { entries in
      for entry in entries {
        #expect(entry == harness.source.allocation(next))
        next += 1
      }
    }
    #expect(next == 20_000)
    // The connection is still good for another call.
    #expect(try client.status().process == 4711)
  }

  @Test func passesTheErrorsOfOrdersOn() throws {
    let harness = try ServerHarness()
    var client = try harness.client()
    let order = MigrationOrder(
      session: SessionID(rawValue: 1), allocation: HandleID(rawValue: 404), target: .host)
    let detail = ControlError.SubjectDetail(session: order.session, allocation: order.allocation)
    do {
      _ = try client.migrate(order)
      Issue.record("migrated what is not there")
    } catch {
      #expect(error == .call(.control(.noSuchAllocation(detail))))
    }
    do {
      try client.allocations(of: SessionID(rawValue: 77)) { _ in }
      Issue.record("listed a session that is not there")
    } catch {
      #expect(
        error == .call(.control(.noSuchSession(.init(session: SessionID(rawValue: 77))))))
    }
  }

  @Test func aWaitingOrderHoldsUpNobodyElse() throws {
    let harness = try ServerHarness(SampleSource(holdsOrders: true))
    var waiting = try harness.rawClient()
    waiting.call(callText("Evict", #"{"session":2}"#))
    #expect(eventually { harness.source.held.withLock { $0.evictions.count } == 1 })
    var client = try harness.client()
    #expect(try client.status().process == 4711)
    let (order, completion) = harness.source.held.withLock { $0.evictions[0] }
    #expect(order.session == SessionID(rawValue: 2))
    completion(.failure(.timedOut(.init(holderProcess: 9))))
    #expect(
      waiting.reply() == #"{"error":"io.coherentd.Control.TimedOut","parameters":{"holder_pid":9}}"#
    )
  }

  @Test func theResultForACallerThatLeftReachesNobody() throws {
    let harness = try ServerHarness(SampleSource(holdsOrders: true))
    func held() -> Int { harness.source.held.withLock { $0.evictions.count } }
    for round in 0..<20 {
      do {
        let leaver = try harness.rawClient()
        leaver.call(callText("Evict"))
        #expect(eventually { held() == 2 * round + 1 })
      }
      // Whoever comes next gets a slot, perhaps the same one, and only the answer to its own order.
      var next = try harness.rawClient()
      next.call(callText("Evict"))
      #expect(eventually { held() == 2 * round + 2 })
      let orders = harness.source.held.withLock { $0.evictions.suffix(2).map(\.1) }
      orders[0](.failure(.refused(.init(reason: "theirs", message: ""))))
      orders[1](.failure(.refused(.init(reason: "ours", message: ""))))
      #expect(next.reply()?.contains("ours") == true)
    }
  }

  @Test func callersWhoLeaveCannotPileUpOrders() throws {
    let harness = try ServerHarness(SampleSource(holdsOrders: true))
    func held() -> Int { harness.source.held.withLock { $0.evictions.count } }
    for round in 0..<ControlLimits.orders {
      let leaver = try harness.rawClient()
      leaver.call(callText("Evict"))
      #expect(eventually { held() == round + 1 })
    }
    var late = try harness.rawClient()
    late.call(callText("Evict"))
    #expect(late.reply()?.contains(#""reason":"overLimit""#) == true)
    #expect(held() == ControlLimits.orders)
    // One that ends makes room for one: the server hears of the end before it reads the next call.
    harness.source.held.withLock { $0.evictions[0].1 }(.success(EvictionReport()))
    late.call(callText("Evict"))
    #expect(eventually { held() == ControlLimits.orders + 1 })
  }

  @Test func answersBeforeItClosesOnACallerThatSendsNoMore() throws {
    let harness = try ServerHarness()
    var client = try harness.rawClient()
    client.send(Array((callText("GetStatus") + "\0" + callText("GetStatus") + "\0gar").utf8))
    #expect(client.reply() != nil)
    #expect(client.reply() != nil)
    client.send([0])
    #expect(client.reply() == nil)
    #expect(eventually { !harness.events.all.isEmpty })
    guard case .misbehaved(let peer, .notACall)? = harness.events.all.first else {
      Issue.record("the server did not say who misbehaved")
      return
    }
    #expect(peer.process == Process.id)
  }

  @Test func aReaderThatStopsHoldsUpNobodyElse() throws {
    let source = SampleSource(allocations: 1_000_000)
    let harness = try ServerHarness(source)
    var stopped = try harness.rawClient()
    for _ in 0..<3 { stopped.call(callText("ListAllocations", flags: #","more":true"#)) }
    #expect(stopped.reply() != nil)
    var client = try harness.client()
    for _ in 0..<50 { #expect(try client.status().process == 4711) }
    // Far from a million entries: what the socket and the connection hold, and not a page more.
    #expect(source.held.withLock { $0.pagesAsked } < 1000)
  }

  @Test func theOneTooManyWaitsForAPlace() throws {
    let harness = try ServerHarness()
    let holders = try (0..<ControlLimits.connections).map { _ in
      try RawConnection(harness.rawClient())
    }
    for holder in holders {
      holder.client.call(callText("GetStatus"))
      #expect(holder.client.reply() != nil)
    }
    var late = try harness.rawClient()
    late.call(callText("GetStatus"))
    holders[0].client.call("x")
    #expect(late.reply() != nil)
  }

  @Test func theIdlestGoesForTheOneTooManyAndWhoIsOwedAReplyStays() throws {
    let harness = try ServerHarness(SampleSource(holdsOrders: true))
    var waiting = try harness.rawClient()
    waiting.call(callText("Evict"))
    #expect(eventually { harness.source.held.withLock { $0.evictions.count } == 1 })
    let idle = try (1..<ControlLimits.connections).map { _ in
      try RawConnection(harness.rawClient())
    }
    for holder in idle {
      holder.client.call(callText("GetStatus"))
      #expect(holder.client.reply() != nil)
    }
    var late = try harness.rawClient()
    late.call(callText("GetStatus"))
    #expect(late.reply() != nil)
    #expect(idle[0].client.reply() == nil, "it was idle for longest")
    harness.source.held.withLock { $0.evictions[0].1 }(.success(EvictionReport()))
    #expect(waiting.reply() != nil)
  }

  @Test func closesDescriptorsThatSomebodySends() throws {
    let harness = try ServerHarness()
    let client = try harness.rawClient()
    // One end of a pair is left to the server alone: the other hears of it when that is closed.
    func giveAway() throws -> LocalSocket {
      let pair = try LocalSocket.pair(kind: .stream)
      let text = Array(callText("GetStatus").utf8) + [0]
      _ = text.withUnsafeBytes {
        client.socket.send($0, descriptors: [pair.second.raw], wait: true)
      }
      return try pair.first.descriptor.duplicateSocket()
    }
    let ours = try giveAway()
    let hasEnded = ours.waitReadable(timeoutMilliseconds: RawClient.patienceMilliseconds)
    #expect(hasEnded)
  }

  @Test func stoppingEndsEveryConnection() throws {
    let harness = try ServerHarness(SampleSource(holdsOrders: true))
    var idle = try harness.rawClient()
    idle.call(callText("GetStatus"))
    #expect(idle.reply() != nil)
    var waiting = try harness.rawClient()
    waiting.call(callText("Evict"))
    #expect(eventually { harness.source.held.withLock { $0.evictions.count } == 1 })
    harness.server.stop()
    #expect(idle.reply() == nil)
    #expect(waiting.reply() == nil)
    harness.source.held.withLock { $0.evictions[0].1 }(.success(EvictionReport()))
    harness.server.stop()
  }

  @Test func garbageFromManyCallersLeavesTheServerWell() throws {
    let harness = try ServerHarness()
    var random = SystemRandomNumberGenerator()
    for _ in 0..<200 {
      let client = try harness.rawClient()
      client.send(
        (0..<Int.random(in: 0...3000, using: &random)).map { _ in
          UInt8.random(in: 0...255, using: &random)
        })
    }
    var client = try harness.client()
    #expect(try client.status().process == 4711)
  }
}

/// A raw client that an array can hold.
final class RawConnection {
  var client: RawClient
  init(_ client: consuming RawClient) { self.client = client }
}
