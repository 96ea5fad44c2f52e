// The policy of a thread while it allocates, and when it rests.

import CoherentCore
import CoherentSystem
import TestSupport
import Testing

@testable import CoherentDaemon

@Suite(.enabled(if: KernelRight.memoryPolicy.isThere, "\(KernelRight.memoryPolicy)"))
struct ThreadPlacementTests {
  @Test func prefersADevicesNodeWhileItAllocatesAndRestsOnOrdinaryOnes() throws {
    let nodes = DeviceNodes()
    nodes.adopt(MemoryKind(rawValue: 2), node: 1000)  // so that node 0 is an ordinary one
    let kind = try nodes.kind(ofNode: 0)
    let found = try policies(nodes, [.device(kind), .host])
    #expect(found.during == [.preferred(0), nodes.ordinaryPolicy])
    #expect(found.after == nodes.ordinaryPolicy)
  }

  @Test func setsNothingWhereNothingIsBound() throws {
    let found = try policies(DeviceNodes(), [.device(.unbound), .host])
    #expect(found.during == [.standard, .standard] && found.after == .standard)
  }

  @Test func restsAsBeforeWhenNothingIsBoundAnyMore() throws {
    let nodes = DeviceNodes()
    nodes.adopt(MemoryKind(rawValue: 2), node: 1000)
    let box = PolicyBox()
    try Thread.start(name: "placement") {
      let placement = ThreadPlacement(nodes, Log(level: .error, sink: CollectingSink()))
      for _ in 0..<2 {
        let policy = try? placement.allocating(for: .host) { () throws(SystemError) in
          try MemoryPolicy.current()
        }
        if let policy { box.during.append(policy) }
        nodes.release(except: [])
      }
    }.join()
    #expect(box.during.count == 2 && box.during[0] != .standard && box.during[1] == .standard)
  }

  @Test func goesOnWhereThePolicyCannotBe() throws {
    let nodes = DeviceNodes()
    nodes.adopt(MemoryKind(rawValue: 1), node: 1000)
    let found = try policies(nodes, [.device(MemoryKind(rawValue: 1))])
    #expect(found.during == [.standard], "the body ran all the same")
    #expect(found.after == nodes.ordinaryPolicy)
  }

  @Test func throwsWhatTheBodyThrows() throws {
    let placement = ThreadPlacement(DeviceNodes(), Log(level: .error, sink: CollectingSink()))
    let error = #expect(throws: SystemError.self) {
      try placement.allocating(for: .host) { () throws(SystemError) in
        throw SystemError(operation: "test", code: 12)
      }
    }
    #expect(error?.operation == "test")
  }

  /// The policy during each of these allocations and after them, on a thread of its own.
  private func policies(
    _ nodes: DeviceNodes, _ targets: [FillTarget]
  ) throws -> (during: [MemoryPolicy], after: MemoryPolicy) {
    let box = PolicyBox()
    try Thread.start(name: "placement") {
      let placement = ThreadPlacement(nodes, Log(level: .error, sink: CollectingSink()))
      for target in targets {
        let policy = try? placement.allocating(for: target) { () throws(SystemError) in
          try MemoryPolicy.current()
        }
        if let policy { box.during.append(policy) }
      }
      box.after = try? MemoryPolicy.current()
    }.join()
    return (box.during, try #require(box.after))
  }
}

private final class PolicyBox: @unchecked Sendable {
  // SAFETY: the thread that writes it is joined before it is read.
  var during: [MemoryPolicy] = []
  var after: MemoryPolicy?
}
