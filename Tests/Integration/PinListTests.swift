// `coherentctl pins` and the refusals that name a holder, of a real daemon whose client holds a pin
// of every kind, while another one waits for them.

import CoherentControl
import CoherentShared
import CoherentSystem
import CoherentWire
import Testing

extension IntegrationTests {
  @Suite struct PinList {
    /// A client with three allocations of a mebibyte, each pinned in its own way.
    private struct Holder {
      let client: RawClient
      let words: ControlWords
      private(set) var handles: [HandleID] = []
      private(set) var tokens: [ControlWord.Token] = []
      private(set) var request = PinID(rawValue: 0)

      init(_ daemon: TestDaemon) throws {
        client = try RawClient.attached(daemon)
        words = try client.controlWords()
        for _ in 0..<3 {
          let reply = try client.ask(
            .allocate(
              sizeBytes: 1 << 20, alignmentBytes: 0, timeoutMilliseconds: 20_000, priority: 128))
          guard case .allocated(let handle, _, _, _) = reply else {
            throw TestFailure("no memory: \(reply)")
          }
          handles.append(handle)
        }
        // The first pin of a whole allocation is a request; it opens the word.
        let opening = try pin(0, 0..<1 << 20, lease: 0)
        #expect(try client.ask(.unpin(opening)) == .unpinned)
        for _ in 0..<2 {
          guard case .pinned(let token) = words.pin(slot: slot) else {
            throw TestFailure("the word is not lent out")
          }
          tokens.append(token)
        }
        request = try pin(1, 262_144..<786_432, lease: 600_000)
        _ = try pin(2, 0..<65_536, lease: 0, isLongTerm: true)
      }

      private var slot: ControlSlot {
        ControlSlot(rawValue: UInt32(handles[0].rawValue & 0xffff_ffff))
      }

      private func pin(
        _ index: Int, _ range: Range<UInt64>, lease: UInt32, isLongTerm: Bool = false
      )
        throws -> PinID
      {
        let reply = try client.ask(
          .pin(
            HandleRange(
              handle: handles[index], offsetBytes: range.lowerBound,
              lengthBytes: UInt64(range.count)),
            leaseMilliseconds: lease, timeoutMilliseconds: 20_000, isLongTerm: isLongTerm))
        guard case .pinned(let pin, _, _) = reply else { throw TestFailure("no pin: \(reply)") }
        return pin
      }

      /// Ends the pins that keep device memory, as a client does that was told of the eviction.
      func release() throws {
        #expect(words.unpin(slot: slot, token: tokens[0]) == .unpinned)
        #expect(words.unpin(slot: slot, token: tokens[1]) == .lastUnderEviction)
        #expect(try client.ask(.release(handles[0])) == .released)
        #expect(try client.ask(.unpin(request)) == .unpinned)
      }
    }

    private static let settings = ["Leases.Maximum": "1h", "Leases.Default": "10min"]

    private func run(_ daemon: TestDaemon, _ arguments: [String]) throws -> ProgramRun {
      try ProgramRun(.control, arguments + ["--socket", daemon.controlPath])
    }

    private func pins(_ daemon: TestDaemon, _ arguments: [String] = []) throws -> [PinReport] {
      let run = try run(daemon, ["pins", "--json"] + arguments)
      #expect(run.exit == .status(0), "\(run.complaint)")
      return try JSONCoding.decode([PinReport].self, from: Array(run.output.utf8))
    }

    @Test func everyKindOfPinIsListedWithItsHolderAndWhoWaits() throws {
      try TestDaemon.with(Self.settings) { daemon in
        #expect(try run(daemon, ["pins"]).output == "No pins.\n")
        let holder = try Holder(daemon)
        let waiter = try daemon.client()
        try waiter.begin("allocate \(7 << 20) 128 60000")
        try daemon.eventually("it waits for the pins") {
          try pins(daemon).filter { $0.waiting == 1 }.count == 2
        }
        let listed = try pins(daemon)
        let session = try daemon.session(of: Process.id)
        #expect(Set(listed.map(\.kind)) == [.request, .fast, .longTerm] && listed.count == 3)
        for pin in listed {
          #expect(pin.session == session.session && pin.process == Process.id)
          #expect(pin.user == Process.effectiveUser && pin.command == session.command)
          #expect(pin.unit == session.unit && pin.command != "")
          if pin.kind == .request {
            #expect(pin.allocation == holder.handles[1] && pin.isHeldExact)
            #expect(pin.offsetBytes == 262_144 && pin.lengthBytes == 524_288)
            #expect(pin.remainingMilliseconds ?? .max <= 600_000)
          } else if pin.kind == .fast {
            #expect(pin.allocation == holder.handles[0] && pin.count == 2 && !pin.isHeldExact)
            #expect(pin.lengthBytes == 1 << 20 && pin.remainingMilliseconds ?? .max <= 600_000)
          } else {
            #expect(pin.allocation == holder.handles[2] && pin.lengthBytes == 65_536)
            #expect(pin.remainingMilliseconds == nil && pin.waiting == 0)
          }
          if pin.kind != .longTerm {
            #expect(pin.waiters.first?.process == waiter.process)
            #expect(pin.waiters.first?.wish == .allocate && pin.waiters.first?.bytes == 7 << 20)
          }
        }
        try expectText(daemon, waiter)
        try holder.release()
        guard case .done = try waiter.answer(to: "allocate") else {
          throw TestFailure("it was not granted")
        }
        #expect(try pins(daemon).map(\.kind) == [.longTerm])
      }
    }

    private func expectText(_ daemon: TestDaemon, _ waiter: ClientProcess) throws {
      let text = try run(daemon, ["pins"]).output
      #expect(text.contains("process \(Process.id) (") && text.hasSuffix("4 pins listed.\n"))
      #expect(text.contains("waiting: process \(waiter.process) (session"), "\(text)")
      #expect(try run(daemon, ["pins", "--process", "\(Process.id)"]).output.contains("long-term"))
      #expect(try pins(daemon, ["--process", "\(waiter.process)"]).isEmpty)
      #expect(try run(daemon, ["pins", "--session", "999"]).exit == .status(4))
    }

    @Test func ordersThatAPinStopsNameItsHolder() throws {
      try TestDaemon.with(Self.settings) { daemon in
        let holder = try Holder(daemon)
        let session = try daemon.session(of: Process.id).session.rawValue
        let evicted = try run(daemon, ["evict", "--all"])
        #expect(
          evicted.output.contains("384 of process \(Process.id) (session \(session))"),
          "\(evicted.output)")
        let migrated = try run(
          daemon,
          ["migrate", "\(session)", "\(holder.handles[1].rawValue)", "host", "--timeout", "50ms"])
        #expect(migrated.exit == .status(1))
        #expect(
          migrated.complaint.contains("process \(Process.id) (session \(session)) holds it"),
          "\(migrated.complaint)")
        let other = try daemon.client()
        let refusal = try other.refused("allocate \(7 << 20) 128 100")
        #expect(refusal.reason == "outOfDeviceMemory" && refusal.holderProcess == Process.id)
      }
    }
  }
}
