// What this process lacked for a system call of its own, told as its own shortage. What may never
// happen: that it reads as the daemon's, or as if there were no daemon.

import CoherentSystem
import CoherentWire

extension Refusal {
  /// The shortage that a failed call shows; `reason` and `detail` if it shows none.
  init(local error: SystemError, else reason: Reason, _ detail: Detail) {
    let code = UInt64(error.code.magnitude)
    switch error.shortage {
    case .descriptors:
      self = .noDescriptors(code)
    case .descriptorsOfTheSystem:
      self.init(.overLimit, .localDescriptors, asked: code)
    case .threads:
      self.init(.overLimit, .localThreads, asked: code, limit: ResourceLimit.threads.current ?? 0)
    case .lockedMemory:
      self.init(
        .overLimit, .localLockedMemory, asked: code,
        limit: ResourceLimit.lockedMemory.current ?? 0)
    case .memory:
      self.init(
        .outOfHostMemory, .localAddressSpace, asked: code,
        limit: ResourceLimit.addressSpace.current ?? 0)
    case nil:
      self.init(reason, detail, asked: code)
    }
  }

  /// As many are open as this process may open.
  static func noDescriptors(_ code: UInt64 = ErrorName.tooManyOpen) -> Refusal {
    Refusal(
      .overLimit, .localDescriptors, asked: code, limit: ResourceLimit.descriptors.current ?? 0)
  }

  /// Why the daemon's socket could not be connected to.
  init(connecting error: SystemError) {
    if error.unreachable == .denied {
      self.init(.notPermitted, .connectDenied, asked: UInt64(error.code.magnitude))
    } else {
      self.init(local: error, else: .notConnected, .connectFailed)
    }
  }
}
