// The policy of a thread, as this machine's kernel takes it. Node 0 is there on every machine; the
// real second node is the machine test's.

import Glibc
import TestSupport
import Testing

@testable import CoherentSystem

@Suite(.enabled(if: KernelRight.memoryPolicy.isThere, "\(KernelRight.memoryPolicy)"))
struct MemoryPolicyTests {
  @Test(arguments: [
    MemoryPolicy.preferred(0), .bound(NodeSet([0])), .standard,
  ])
  func isThatOfTheThreadWhichSetIt(policy: MemoryPolicy) throws {
    let here = try MemoryPolicy.current()
    let found = try onOwnThread { () throws(SystemError) in
      try policy.apply()
      return try MemoryPolicy.current()
    }
    #expect(found == policy)
    #expect(try MemoryPolicy.current() == here, "another thread's is as it was")
  }

  @Test(arguments: [MemoryPolicy.preferred(1000), .bound(NodeSet([1000, 1023]))])
  func refusesNodesThatAreNotThere(policy: MemoryPolicy) throws {
    try #require(try !NodeTopology.current().nodes.contains(1000))
    let error = #expect(throws: SystemError.self) {
      try onOwnThread { () throws(SystemError) in try policy.apply() }
    }
    #expect(error?.code == EINVAL)
    #expect(error?.description.contains("1000") == true)
  }

  @Test func memoryOfAFileComesFromTheNodeOfTheThreadThatFillsIt() throws {
    let page = UInt64(PageSize.bytes)
    let file = try MemoryFile(name: "test", sizeBytes: 8 * page)
    try onOwnThread { () throws(SystemError) in
      try MemoryPolicy.bound(NodeSet([0])).apply()
      try file.fill(offsetBytes: 0, lengthBytes: 8 * page)
    }
    let placement = try PageLocator().count(file, offsetBytes: 0, lengthBytes: 8 * page)
    #expect(placement.pages(on: 0) == 8)
  }
}

/// Runs a body on a thread of its own, so that the policy of the test's thread stays as it is.
private func onOwnThread<Value: Sendable>(
  _ body: () throws(SystemError) -> Value
) throws -> Value {
  try withoutActuallyEscaping(body) { body in
    let box = ResultBox<Value>(body)
    try Thread.start(name: "policy") { box.run() }.join()
    return try box.result!.get()
  }
}

private final class ResultBox<Value: Sendable>: @unchecked Sendable {
  // SAFETY: the thread that runs it is joined before the result is read.
  private let body: () throws(SystemError) -> Value
  private(set) var result: Result<Value, SystemError>?

  init(_ body: @escaping () throws(SystemError) -> Value) { self.body = body }

  func run() {
    do throws(SystemError) { result = .success(try body()) } catch { result = .failure(error) }
  }
}
