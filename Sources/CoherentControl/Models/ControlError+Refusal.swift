// The core's refusals in the administrator's words. The daemon passes on what the core said; the
// numbers and the holder come with it.
import CoherentWire

extension ControlError {
  /// The error for a refusal of an order that spoke of `session` and `allocation`. `message` is
  /// the refusal as a sentence, its own description unless given.
  package init(
    _ refusal: Refusal, session: SessionID?, allocation: HandleID?, message: String? = nil
  ) {
    let message = message ?? "\(refusal)"
    var memory = MemoryDetail()
    memory.askedBytes = refusal.asked
    memory.availableBytes = refusal.available
    memory.pinnedBytes = refusal.pinned
    memory.limitBytes = refusal.limit
    let process = refusal.holderProcess == 0 ? nil : Int32(exactly: refusal.holderProcess)
    let holder = refusal.holderSession == 0 ? nil : SessionID(rawValue: refusal.holderSession)
    memory.holderProcess = process
    memory.holderSession = holder
    switch (refusal.reason, refusal.detail) {
    case (.invalidRange, .unknownHandle) where allocation == nil:
      self = .noSuchSession(SubjectDetail(session: session))
    case (.invalidRange, .unknownHandle):
      self = .noSuchAllocation(SubjectDetail(session: session, allocation: allocation))
    case (.outOfDeviceMemory, _): self = .outOfDeviceMemory(memory)
    case (.outOfHostMemory, _): self = .outOfHostMemory(memory)
    case (.timedOut, _):
      self = .timedOut(HolderDetail(holderProcess: process, holderSession: holder))
    case (.invalidRange, _):
      self = .invalidRange(MessageDetail(reason: "invalidRange", message: message))
    default:
      self = .refused(MessageDetail(reason: "\(refusal.reason)", message: message))
    }
  }
}
