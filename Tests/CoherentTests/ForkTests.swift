// A child made by fork has no connection and no arena, and the parent does not notice it.

import Coherent
import CoherentShared
import CoherentWire
import Glibc
import TestSupport
import Testing

/// fork(2), which the overlay hides because a child of a threaded program may do little; ours does.
@_silgen_name("fork") private func forkProcess() -> pid_t

@Suite(.enabled(if: KernelRight.userfaultfd.isThere, "\(KernelRight.userfaultfd)"))
struct ForkTests {
  @Test func aChildIsRefusedEveryCallAndTheParentGoesOn() async {
    await #expect(processExitsWith: .success) {
      try FakeSession.run(granting: 1) { daemon in
        guard let received = daemon.next() else { return }
        precondition(received.request == .statistics)
        daemon.send(.statistics(StatisticsAnswer()), to: received.id)
      } client: { client in
        let buffer = try client.allocate(bytes: 100)
        let child = forkProcess()
        if child == 0 {
          let errors = [
            refusal(client.statistics),
            refusal { () throws(CoherentError) in try client.allocate(bytes: 1) },
            refusal { () throws(CoherentError) in try buffer.pin(lease: .zero) },
            refusal(buffer.free),
          ]
          client.close()
          let expected = Refusal(.notConnected, .forkedChild)
          _exit(errors.allSatisfy { $0?.refusal == expected } ? 0 : 1)
        }
        precondition(status(of: child) == 0)
        _ = try client.statistics()
      }
    }
  }

  @Test func aChildCannotPinByItsParentsWords() async {
    await #expect(processExitsWith: .success) {
      try FakeSession.run(granting: 1) { daemon, words in
        words.open(slot: ControlSlot(rawValue: 42))
        precondition(daemon.nextIs(.statistics, .statistics(StatisticsAnswer())))
        precondition(daemon.nextIs(.statistics, .statistics(StatisticsAnswer())))
        precondition(words.peek(slot: ControlSlot(rawValue: 42)).count == 1)
        precondition(daemon.nextIs(.statistics, .statistics(StatisticsAnswer())))
      } client: { client in
        let buffer = try client.allocate(bytes: 100)
        _ = try client.statistics()
        let pin = try buffer.pin(lease: .zero)
        precondition(pin.isFast)
        let child = forkProcess()
        if child == 0 {
          let errors = [
            refusal { () throws(CoherentError) in try buffer.pin(lease: .zero) },
            refusalOfEnd(pin),
            refusal { () throws(CoherentError) in try client.nextEvent(timeout: .zero) },
          ]
          let expected = Refusal(.notConnected, .forkedChild)
          _exit(errors.allSatisfy { $0?.refusal == expected } ? 0 : 1)
        }
        precondition(status(of: child) == 0)
        _ = try client.statistics()
        try pin.release()
        _ = try client.statistics()
      }
    }
  }

  @Test func aChildThatTouchesTheMemoryDies() async {
    await #expect(processExitsWith: .success) {
      try FakeSession.run(granting: 1, lingers: true) { _ in
      } client: { client in
        let buffer = try client.allocate(bytes: 100)
        buffer.bytes[0] = 1
        let child = forkProcess()
        if child == 0 {
          signal(SIGSEGV, SIG_DFL)
          _exit(CInt(buffer.bytes[0]))
        }
        precondition(status(of: child) == SIGSEGV)
        precondition(buffer.bytes[0] == 1)
      }
    }
  }
}

private func status(of child: pid_t) -> CInt {
  var status: CInt = 0
  while waitpid(child, &status, 0) < 0 && errno == EINTR {}
  return status
}
