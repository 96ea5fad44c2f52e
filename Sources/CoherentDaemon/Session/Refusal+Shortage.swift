// What the daemon lacked for a client, told as the daemon's own shortage: no client is blamed for
// it, and it counts as nobody's misbehaviour.

import CoherentSystem
import CoherentWire

extension Refusal {
  /// Nil if the error is no shortage.
  init?(daemon error: SystemError) {
    let code = UInt64(error.code)
    switch error.shortage {
    case .descriptors: self = .noDaemonDescriptors(code)
    case .descriptorsOfTheSystem: self.init(.overLimit, .daemonDescriptors, asked: code)
    case .threads: self.init(.overLimit, .daemonThreads, asked: code)
    case .memory, .lockedMemory: self.init(.outOfHostMemory, .noMemoryFile, asked: code)
    case nil: return nil
    }
  }

  /// As many are open as the daemon may open.
  static func noDaemonDescriptors(_ code: UInt64 = ErrorName.tooManyOpen) -> Refusal {
    Refusal(
      .overLimit, .daemonDescriptors, asked: code, limit: ResourceLimit.descriptors.current ?? 0)
  }
}
