// A request that cannot be granted: a value, never a string on the wire. The reason is one of a
// few names that programs test for; the detail says which case of it; the numbers say what was
// asked and what there was. The sentence for people is made from them by Refusal+Text.swift.

package struct Refusal: Error, Equatable, Sendable {
  package enum Reason: UInt16, CaseIterable, Sendable {
    case outOfDeviceMemory = 1
    case outOfHostMemory = 2
    case overLimit = 3
    case leaseExpired = 4
    case leaseTooLong = 5
    case notPermitted = 6
    case invalidRange = 7
    case notMigratable = 8
    case timedOut = 9
    case regionGoingOffline = 10
    case protocolViolation = 11
    case notConnected = 12
  }

  /// Which case of the reason it is. The meaning of `asked` and `limit` follows from it.
  package enum Detail: UInt16, CaseIterable, Sendable {
    case none = 0
    // invalidRange
    case zeroLength = 1
    case unknownHandle = 2
    case pastTheEnd = 3  // asked: the end of the range; limit: the allocation's size
    case badAlignment = 4  // asked: the alignment; limit: the largest one
    case unknownPin = 5
    case largerThanDevice = 6  // outOfDeviceMemory; limit: the most that fits at once
    case arenaFull = 7  // overLimit: no free address range of that size; limit: arena bytes
    // overLimit; asked: one more than there are; limit: the configured limit
    case tooManySessions = 8
    case tooManyAllocations = 9
    case tooManyPins = 10
    case tooManyRequests = 11
    case tooManyWaiters = 12
    // overLimit: the user's share is taken, though there is more; asked: one more than the user
    // has, or bytes; available: what is left of the share; limit: the share; protected: what is
    // kept for other users
    case shareOfSessions = 13
    case shareOfAllocations = 14
    case shareOfHostMemory = 15
    case shareOfWaiters = 16
    case shareOfConnections = 17  // of those that are not attached: the oldest of the user's goes
    case tooManyClosings = 18  // asked: of the user's, that do not end; limit: so many may be
    // protocolViolation
    case badMagic = 20
    case badVersion = 21  // asked: the client's highest; limit: the daemon's
    case badLength = 22  // asked: the packet's length; limit: the length expected
    case badKind = 23  // asked: the kind
    case badField = 24  // asked: the offset of the field in the packet
    case badDescriptorCount = 25  // asked: how many came; limit: how many were expected
    case notUserfault = 26
    case outOfOrder = 27  // asked: the kind of the request that came too early or twice
    case badMapping = 28
    case userfaultFailed = 29  // asked: errno of the call that failed
    case badMemoryFile = 30  // asked: the file's size; limit: what it must hold
    case badControlMemory = 31  // asked: the layout's fingerprint; limit: the one that is known
    // the rest
    case timeoutTooLong = 40  // invalidRange; asked, limit: milliseconds
    case daemonStopping = 41
    case noMemoryFile = 42  // outOfHostMemory while a session was made; asked: errno
    case slowReader = 43  // protocolViolation: replies were not read in time
    case flood = 44  // protocolViolation; asked: refusals in a row; limit: as many as may be
    case faultTimeout = 45
    case noMemoryOnline = 46  // regionGoingOffline: no memory block is online
    case daemonDescriptors = 47  // overLimit; asked: errno; limit: how many the daemon may open
    case daemonThreads = 48  // overLimit; asked: errno
    case notRegistered = 49  // outOfHostMemory, for the client's address space; asked: errno
    // outOfHostMemory: the limit would allow it, and there is no memory for it; limit: what may be
    // promised of it in all
    case machineMemoryShort = 50
    case groupMemoryShort = 51  // of the daemon's control group
    // made by the client's library, never sent
    case connectFailed = 60  // notConnected: nobody was reached; asked: errno
    case hungUp = 61  // notConnected
    case closedByCaller = 62  // notConnected
    case forkedChild = 63  // notConnected
    case localMappingFailed = 64  // outOfHostMemory; asked: errno
    case localUserfaultFailed = 65  // notPermitted; asked: errno
    case alreadyEnded = 66  // invalidRange: the buffer or pin was given back before
    case noReply = 67  // timedOut; asked: milliseconds
    case spoiltControlWord = 68  // protocolViolation: something in this process wrote into it
    case connectDenied = 69  // notPermitted: the socket's mode or a directory's; asked: errno
    case localDescriptors = 70  // overLimit; asked: errno; limit: how many this process may open
    case localThreads = 71  // overLimit; asked: errno; limit: how many this user may have
    // outOfHostMemory; asked: errno; limit: bytes of address space that this process may have
    case localAddressSpace = 72
    case localLockedMemory = 73  // overLimit; asked: errno; limit: bytes that it may lock
    case beforeTheStart = 74  // invalidRange; asked: how many bytes before the first one
    case localUserfaultForbidden = 75  // notPermitted, by a filter of system calls; asked: errno
    case transportFailed = 76  // notConnected: a send or receive failed; asked: errno
  }

  package var reason: Reason
  package var detail: Detail = .none
  /// Who stands in the way, if somebody does: process and session, 0 if nobody.
  package var holderProcess: UInt32 = 0
  package var holderSession: UInt32 = 0
  /// Whose share it is, where the detail is about one.
  package var user: UInt32 = 0
  package var asked: UInt64 = 0
  package var available: UInt64 = 0
  package var pinned: UInt64 = 0
  package var protected: UInt64 = 0
  package var limit: UInt64 = 0

  package init(
    _ reason: Reason, _ detail: Detail = .none, asked: UInt64 = 0, available: UInt64 = 0,
    limit: UInt64 = 0
  ) {
    self.reason = reason
    self.detail = detail
    self.asked = asked
    self.available = available
    self.limit = limit
  }
}
