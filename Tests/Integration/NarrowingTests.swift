// An order never reaches further than it says: whatever narrows it is applied, or refused by name,
// on the command line and on the interface, and then nothing at all is done.

import CoherentControl
import CoherentSystem
import Testing

extension IntegrationTests {
  @Suite struct Narrowing {
    /// Two clients with data on the device, of which the second has one allocation more.
    private struct Crowd {
      let one: SessionReport
      let other: SessionReport
      /// The name of an allocation that both have.
      let common: UInt64
      /// Of one that only the second has.
      let single: UInt64

      init(_ daemon: TestDaemon) throws {
        let first = try daemon.client()
        let second = try daemon.client()
        for (client, count) in [(first, 1), (second, 2)] {
          for _ in 0..<count {
            let buffer = try client.allocate(1 << 20)
            try client.done("fill \(buffer) 1")
          }
        }
        one = try daemon.session(of: first.process)
        other = try daemon.session(of: second.process)
        let all = try daemon.allocations()
        func names(_ session: SessionReport) -> [UInt64] {
          all.filter { $0.session == session.session }.map(\.allocation.rawValue)
        }
        let (ones, others) = (names(one), names(other))
        common = try #require(ones.first { others.contains($0) })
        single = try #require(others.first { !ones.contains($0) })
      }
    }

    private static let total: UInt64 = 3 << 20

    private func isUntouched(_ daemon: TestDaemon) throws -> Bool {
      let status = try daemon.status()
      return status.evictedFrames == 0 && status.deviceBytes == Self.total
        && status.blocksOnline == status.blocks
    }

    @Test func anAllocationWithoutItsSessionIsTheOnlyOneOfItsName() throws {
      try TestDaemon.with { daemon in
        let crowd = try Crowd(daemon)
        func evict(_ allocation: UInt64) throws -> ProgramRun {
          try ProgramRun(
            .control, ["evict", "--allocation", "\(allocation)", "--socket", daemon.controlPath])
        }
        let absent = try evict(99_999)
        #expect(absent.exit == .status(4) && absent.output == "")
        #expect(absent.complaint.contains("there is no allocation 99999"))
        #expect(try isUntouched(daemon))
        let several = try evict(crowd.common)
        #expect(several.exit == .status(1) && several.output == "")
        #expect(several.complaint.contains("2 sessions have an allocation \(crowd.common)"))
        #expect(several.complaint.contains("ambiguousAllocation"))
        for session in [crowd.one, crowd.other] {
          #expect(several.complaint.contains("\(session.session.rawValue)"))
        }
        #expect(try isUntouched(daemon))
        let only = try evict(crowd.single)
        #expect(only.exit == .status(0), "\(only.complaint)")
        #expect(try daemon.status().storedBytes == 1 << 20)
        for report in try daemon.allocations() {
          #expect((report.storedBytes > 0) == (report.allocation.rawValue == crowd.single))
        }
      }
    }

    @Test func whatNamesNothingIsRefusedByNameAndNothingIsDone() throws {
      try TestDaemon.with { daemon in
        let crowd = try Crowd(daemon)
        let (one, single) = ("\(crowd.one.session.rawValue)", "\(crowd.single)")
        let absentSession = "there is no session 99"
        let absentAllocation = "there is no allocation \(single) in session \(one)"
        let orders: [([String], Int32, String)] = [
          (["evict", "--session", "99"], 4, absentSession),
          (["evict", "--session", "99", "--bytes", "64K"], 4, absentSession),
          (["evict", "--session", "99", "--allocation", single], 4, absentSession),
          (["evict", "--session", one, "--allocation", single], 4, absentAllocation),
          (
            ["evict", "--session", one, "--allocation", single, "--bytes", "1"], 4,
            absentAllocation
          ),
          (["evict", "--session", "-1"], 64, "--session"),
          (["evict", "--session", "4294967296"], 64, "4294967296"),
          (["evict", "--allocation", "18446744073709551616"], 64, "18446744073709551616"),
          (["evict", "--bytes", "0"], 64, "--bytes"), (["evict", "--bytes", "-1"], 64, "--bytes"),
          (["evict", "--bytes", "8388608T"], 64, "--bytes"),
          (["evict", "--bytes", "9223372036854775808"], 64, "--bytes"),
          (["migrate", "99", single, "host"], 4, absentSession),
          (["migrate", one, single, "host"], 4, absentAllocation),
          (["migrate", one, single, "device"], 4, absentAllocation),
          (["why", "99999"], 4, "there is no allocation 99999"),
          (["why", single, "--session", one], 4, absentAllocation),
          (["why", single, "--session", "99"], 4, absentSession),
          (["allocations", "--session", "99"], 4, absentSession),
          (["pins", "--session", "99"], 4, absentSession),
          (["pins", "--process", "1"], 4, "there is no session of process 1"),
          (
            ["pins", "--session", one, "--process", "\(crowd.other.process)"], 4,
            "there is no session \(one) of process \(crowd.other.process)"
          ),
          (["block", "online", "77"], 4, "there is no block 77"),
          (["block", "offline", "77"], 4, "there is no block 77"),
          (["block", "offline", "0", "77"], 4, "there is no block 77"),
          (["block", "offline", "77", "--dry-run"], 4, "there is no block 77"),
          (["block", "offline", "77", "--no-wait"], 4, "there is no block 77"),
          (["block", "offline", "3-1"], 64, "1-3"), (["block", "offline", ""], 64, "expected"),
          (["block", "offline", "-1"], 64, "-1"), (["block", "offline", "1,2"], 64, "spaces"),
        ]
        for (order, status, word) in orders {
          let run = try ProgramRun(.control, order + ["--socket", daemon.controlPath])
          #expect(run.exit == .status(status), "\(order): \(run.output)\(run.complaint)")
          #expect(run.complaint.contains(word), "\(order): \(run.complaint)")
          #expect(run.output == "", "\(order)")
        }
        #expect(try isUntouched(daemon))
      }
    }

    @Test func theInterfaceRefusesTheSame() throws {
      try TestDaemon.with { daemon in
        let crowd = try Crowd(daemon)
        let one = crowd.one.session.rawValue
        let control = try RawControl(daemon)
        let service = "org.varlink.service.InvalidParameter"
        let calls: [(String, String, String)] = [
          ("Evict", #"{"allocation":"99999"}"#, "NoSuchAllocation"),
          ("Evict", #"{"allocation":99999}"#, "NoSuchAllocation"),
          ("Evict", #"{"allocation":"\#(crowd.common)"}"#, "ambiguousAllocation"),
          ("Evict", #"{"allocation":"\#(crowd.common)","session":null}"#, "ambiguousAllocation"),
          ("Evict", #"{"session":99,"allocation":"\#(crowd.common)"}"#, "NoSuchSession"),
          ("Evict", #"{"session":\#(one),"allocation":"\#(crowd.single)"}"#, "NoSuchAllocation"),
          ("Evict", #"{"session":-1}"#, service), ("Evict", #"{"bytes":0}"#, service),
          ("Evict", #"{"bytes":-1}"#, service), ("Evict", #"{"bytes":1.5}"#, service),
          ("Evict", #"{"bytes":18446744073709551615}"#, service),
          ("Evict", #"{"allocation":""}"#, service), ("Evict", #"{"sesion":\#(one)}"#, service),
          ("Migrate", #"{"allocation":"\#(crowd.single)","target":"host"}"#, service),
          ("Explain", #"{"allocation":"99999"}"#, "NoSuchAllocation"),
          ("OfflineBlocks", #"{"blocks":[]}"#, service), ("OfflineBlocks", "{}", service),
          ("OfflineBlocks", #"{"blocks":[0,77]}"#, "NoSuchBlock"),
          ("OnlineBlocks", #"{"blocks":[]}"#, service),
          ("RemoveBlocks", #"{"blocks":[-1]}"#, service),
          ("PlanOffline", #"{"blocks":[]}"#, service),
        ]
        for (method, parameters, name) in calls {
          let answer = try control.call(
            #"{"method":"io.coherentd.Control.\#(method)","parameters":\#(parameters)}"#)
          #expect(answer.contains(#""error":"#), "\(parameters): \(answer)")
          #expect(answer.contains(name), "\(parameters): \(answer)")
        }
        let misspelt = try control.call(
          #"{"method":"io.coherentd.Control.Evict","parametres":{"session":\#(one)}}"#)
        #expect(misspelt.contains(service) && misspelt.contains("parametres"))
        #expect(try isUntouched(daemon))
      }
    }

    @Test func anEvictionThatCanEvictNothingSaysSo() throws {
      try TestDaemon.with { daemon in
        func evict(_ arguments: [String]) throws -> String {
          let run = try ProgramRun(
            .control, ["evict"] + arguments + ["--socket", daemon.controlPath])
          #expect(run.exit == .status(0), "\(run.complaint)")
          return run.output
        }
        #expect(try evict(["--all"]).contains("no data that may leave the device was on it"))
        let client = try daemon.client()
        let buffer = try client.allocate(1 << 20)
        try client.done("fill \(buffer) 1")
        let part = try evict(["--bytes", "1G"])
        #expect(part.hasPrefix("Evicted 256 frames (1 MiB) of 1 GiB asked: no more data"))
        #expect(try evict(["--all"]).contains("no data that may leave the device was on it"))
      }
    }
  }
}
