// What a call to the library throws: one of a few reasons for programs, a sentence for people, and
// the numbers that both are about. The daemon sends numbers only; the sentence is made here, and so
// is what this process knows better: which socket it was, and whose.

import CoherentSystem
import CoherentWire

/// Why a call did not do what it was asked.
public struct CoherentError: Error, Equatable, CustomStringConvertible, Sendable {
  /// The few reasons that a program can tell apart.
  public enum Reason: String, CaseIterable, Sendable {
    /// No device memory came free in time.
    case outOfDeviceMemory
    /// No host memory for what would have to leave the device.
    case outOfHostMemory
    /// A limit that the administrator set, or the size of a table, or descriptors or threads that
    /// have run out, the daemon's or this process's own.
    case overLimit
    /// The pin's lease ran out before; the pointer is still good.
    case leaseExpired
    /// A lease longer than the daemon grants.
    case leaseTooLong
    /// This user may not, or a filter of system calls forbids it.
    case notPermitted
    /// No such buffer or pin, a range outside of it, or a bad size, alignment or timeout.
    case invalidRange
    /// What was to move cannot be moved now.
    case notMigratable
    /// Nothing came of it in time.
    case timedOut
    /// The memory asked for is being taken out of service.
    case regionGoingOffline
    /// One side does not keep to the protocol, or speaks another version of it.
    case protocolViolation
    /// There is no daemon at the other end, or the client was closed, or this is a forked child.
    case notConnected
  }

  /// The numbers behind the sentence: bytes for memory, milliseconds for leases and timeouts,
  /// counts for limits. 0 where a number has no meaning for the reason.
  public struct Numbers: Equatable, Sendable {
    public let asked: UInt64
    public let available: UInt64
    public let pinned: UInt64
    public let protected: UInt64
    public let limit: UInt64
    /// The process in the way, if there is one.
    public let holderProcess: UInt32?
  }

  package let refusal: Refusal
  /// More about it than a refusal can say, a sentence; empty for most.
  private var place = ""

  package init(_ refusal: Refusal) { self.refusal = refusal }

  /// Of an attempt to connect to a socket: it is named if it was not reached.
  package init(_ refusal: Refusal, socketPath: String) {
    self.refusal = refusal
    guard [.connectFailed, .connectDenied].contains(refusal.detail) else { return }
    place = " The socket is \(socketPath)"
    if refusal.detail == .connectDenied, let group = UserGroup(owning: socketPath) {
      place += ", of the group \(group.name)"
    }
    place += "."
  }

  package init(_ reason: Refusal.Reason, _ detail: Refusal.Detail, asked: UInt64 = 0) {
    self.refusal = Refusal(reason, detail, asked: asked)
  }

  public var reason: Reason {
    switch refusal.reason {
    case .outOfDeviceMemory: .outOfDeviceMemory
    case .outOfHostMemory: .outOfHostMemory
    case .overLimit: .overLimit
    case .leaseExpired: .leaseExpired
    case .leaseTooLong: .leaseTooLong
    case .notPermitted: .notPermitted
    case .invalidRange: .invalidRange
    case .notMigratable: .notMigratable
    case .timedOut: .timedOut
    case .regionGoingOffline: .regionGoingOffline
    case .protocolViolation: .protocolViolation
    case .notConnected: .notConnected
    }
  }

  /// A sentence for people: what was asked, what there was, who is in the way, what would help.
  public var message: String { refusal.description + place }

  public var numbers: Numbers {
    Numbers(
      asked: refusal.asked, available: refusal.available, pinned: refusal.pinned,
      protected: refusal.protected, limit: refusal.limit,
      holderProcess: refusal.holderProcess == 0 ? nil : refusal.holderProcess)
  }

  /// The reason's name and the sentence.
  public var description: String { "\(reason.rawValue): \(message)" }
}
