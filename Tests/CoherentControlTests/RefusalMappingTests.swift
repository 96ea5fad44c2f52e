// Every refusal of the core becomes an error of the interface, with its numbers and its holder.
// None is ever left without one.

import CoherentWire
import Testing

@testable import CoherentControl

@Suite struct RefusalMappingTests {
  private let session = SessionID(rawValue: 3)
  private let handle = HandleID(rawValue: 17)

  private func error(_ refusal: Refusal, _ allocation: HandleID?) -> ControlError {
    ControlError(refusal, session: session, allocation: allocation, message: "m")
  }

  @Test func whatIsUnknownIsNamed() {
    let refusal = Refusal(.invalidRange, .unknownHandle)
    #expect(error(refusal, nil) == .noSuchSession(.init(session: session)))
    #expect(
      error(refusal, handle) == .noSuchAllocation(.init(session: session, allocation: handle)))
  }

  @Test func theNumbersAndTheHolderComeAlong() {
    var refusal = Refusal(.outOfHostMemory, asked: 1, available: 2, limit: 4)
    refusal.pinned = 3
    var memory = ControlError.MemoryDetail()
    memory.askedBytes = 1
    memory.availableBytes = 2
    memory.pinnedBytes = 3
    memory.limitBytes = 4
    #expect(error(refusal, handle) == .outOfHostMemory(memory))
    refusal.reason = .outOfDeviceMemory
    refusal.holderProcess = 99
    refusal.holderSession = 4
    memory.holderProcess = 99
    memory.holderSession = SessionID(rawValue: 4)
    #expect(error(refusal, handle) == .outOfDeviceMemory(memory))

    refusal = Refusal(.timedOut)
    #expect(error(refusal, handle) == .timedOut(.init()))
    refusal.holderProcess = 99
    refusal.holderSession = 4
    #expect(
      error(refusal, handle)
        == .timedOut(.init(holderProcess: 99, holderSession: SessionID(rawValue: 4))))
    refusal.holderProcess = .max
    #expect(
      error(refusal, handle) == .timedOut(.init(holderSession: SessionID(rawValue: 4))))
  }

  @Test func everyReasonHasAnError() {
    for reason in Refusal.Reason.allCases {
      switch error(Refusal(reason), handle) {
      case .refused(let detail): #expect(detail == .init(reason: "\(reason)", message: "m"))
      case .invalidRange, .outOfDeviceMemory, .outOfHostMemory, .timedOut: break
      case let other: Issue.record("\(reason) became \(other)")
      }
    }
  }
}
