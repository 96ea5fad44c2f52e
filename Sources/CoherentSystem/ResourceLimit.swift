// What this process may have at most, as its shell, its service or its batch system set it:
// getrlimit(2). Limits are read when something has failed, or before something is promised; nothing
// here is remembered.

import Glibc

/// A resource that has a limit.
package enum ResourceLimit: CaseIterable, Sendable {
  case addressSpace
  case descriptors
  case fileSize
  case lockedMemory
  case threads

  private var resource: __rlimit_resource_t {
    switch self {
    case .addressSpace: __rlimit_resource_t(RLIMIT_AS.rawValue)
    case .descriptors: __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    case .fileSize: __rlimit_resource_t(RLIMIT_FSIZE.rawValue)
    case .lockedMemory: __rlimit_resource_t(__RLIMIT_MEMLOCK.rawValue)
    case .threads: __rlimit_resource_t(__RLIMIT_NPROC.rawValue)
    }
  }

  private var both: rlimit {
    var limit = rlimit()
    let result = getrlimit(resource, &limit)
    invariant(result == 0, "the kernel knows this limit")
    return limit
  }

  /// What holds now, in bytes or a count; nil where there is none.
  package var current: UInt64? { Self.number(both.rlim_cur) }

  /// As far as this process may raise it by itself.
  package var highest: UInt64? { Self.number(both.rlim_max) }

  /// Raises it as far as is allowed: setrlimit(2). What holds then.
  @discardableResult
  package func raise() throws(SystemError) -> UInt64? {
    var limit = both
    guard limit.rlim_cur != limit.rlim_max else { return current }
    limit.rlim_cur = limit.rlim_max
    let resource = resource
    try checked("setrlimit", "\(self) to \(limit.rlim_max)") { setrlimit(resource, &limit) }
    return current
  }

  /// RLIM_INFINITY, which Swift does not import.
  private static func number(_ value: rlim_t) -> UInt64? { value == .max ? nil : UInt64(value) }
}
