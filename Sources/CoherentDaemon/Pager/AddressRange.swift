// Where a client mapped its arena, and the page-table calls on it. Each does what it can: a client
// that unmapped its arena, or died, spoils only its own accesses. What may never happen: a thread
// of the client that waits although its page is there, so whatever maps also wakes.

import CoherentSystem

struct AddressRange: ~Copyable {
  let fault: Userfault
  let baseAddress: UInt64
  let lengthBytes: UInt64
  private let pageBytes = UInt64(PageSize.bytes)
  /// Told when a call takes locks of the client's address space.
  let heartbeat: Heartbeat

  init(
    fault: consuming Userfault, baseAddress: UInt64, lengthBytes: UInt64, heartbeat: Heartbeat
  ) {
    self.fault = fault
    self.baseAddress = baseAddress
    self.lengthBytes = lengthBytes
    self.heartbeat = heartbeat
  }

  /// The handshake with the client's userfaultfd; from then on the arena's faults come here.
  func register() throws(SystemError) {
    try heartbeat.amongClient { () throws(SystemError) in
      try fault.handshake()
      try fault.register(baseAddress: baseAddress, lengthBytes: lengthBytes)
    }
  }

  /// The arena's faults are the kernel's again, and whoever waits goes on.
  func unregister() throws(SystemError) {
    try heartbeat.amongClient { () throws(SystemError) in
      try fault.unregister(baseAddress: baseAddress, lengthBytes: lengthBytes)
    }
  }

  /// The same, by a thread that has no heartbeat and may be held up for ever.
  func rescue() { try? fault.unregister(baseAddress: baseAddress, lengthBytes: lengthBytes) }

  /// What became of pages that were to be mapped.
  enum MapOutcome: Equatable {
    case mapped
    /// The kernel has no memory for the client's page tables, or the client keeps changing its
    /// mappings. Nobody was woken, who would only ask again at once: to be tried after a pause.
    case later
    /// A page cannot be mapped: the client took it out of its file meanwhile, or has something else
    /// at that address. Who waits was woken.
    case missing
  }

  /// Ioctls that the kernel answers with "again" are tried so often, then later.
  static let attempts = 100

  /// Maps pages that lie in the arena's file; some may be mapped already. Wakes who waits.
  func map(
    _ offsetBytes: UInt64, _ lengthBytes: UInt64, writeProtected: Bool
  ) -> MapOutcome {
    var done: UInt64 = 0
    var result = MapOutcome.mapped
    var attempts = Self.attempts
    var wakes = false
    while done < lengthBytes {
      let outcome = heartbeat.amongClient {
        fault.continueRange(
          address: baseAddress + offsetBytes + done, lengthBytes: lengthBytes - done,
          writeProtected: writeProtected)
      }
      switch outcome {
      case .done:
        done = lengthBytes
      case .again(let doneBytes):
        done += doneBytes
        if doneBytes == 0 { attempts -= 1 }
      case .exists:
        done += pageBytes
        wakes = true
      case .notCached:
        done += pageBytes
        wakes = true
        result = .missing
      case .failed(Self.noMemory):
        return .later
      case .gone:
        wakes = true
        done = lengthBytes
      case .failed:
        result = .missing
        wakes = true
        done = lengthBytes
      }
      if attempts == 0 { return .later }
    }
    if wakes { wake(offsetBytes, lengthBytes) }
    return result
  }

  /// Whether the kernel can map a page write-protected at all (Linux 6.4), tried on one that the
  /// file does not have yet; nil where it cannot be told now.
  func canMapWriteProtected(_ offsetBytes: UInt64) -> Bool? {
    let outcome = heartbeat.amongClient {
      fault.continueRange(
        address: baseAddress + offsetBytes, lengthBytes: pageBytes, writeProtected: true,
        wake: false)
    }
    switch outcome {
    case .done, .exists, .notCached: return true
    case .failed(Self.invalidArgument): return false
    case .again, .gone, .failed: return nil
    }
  }

  /// Takes write permission away, or gives it back (which also wakes). False if it could not be
  /// taken away although the client lives: then nothing may be copied.
  func protect(_ offsetBytes: UInt64, _ lengthBytes: UInt64, on: Bool) -> Bool {
    for _ in 0..<Self.attempts {
      let outcome = heartbeat.amongClient {
        fault.writeProtect(address: baseAddress + offsetBytes, lengthBytes: lengthBytes, on: on)
      }
      switch outcome {
      case .done, .gone: return true
      case .again: continue
      case .exists, .notCached: return false
      case .failed(let code):
        // Not mapped there any more, by the client's own doing: nobody can write through it.
        return code == Self.noEntry
      }
    }
    return false
  }

  private static let noEntry: CInt = 2  // ENOENT
  static let noProcess: CInt = 3  // ESRCH
  static let noMemory: CInt = 12  // ENOMEM
  private static let invalidArgument: CInt = 22  // EINVAL

  func wake(_ offsetBytes: UInt64, _ lengthBytes: UInt64) {
    _ = heartbeat.amongClient {
      fault.wake(address: baseAddress + offsetBytes, lengthBytes: lengthBytes)
    }
  }

  /// An access there ends in SIGBUS from now on; whoever waits goes on into it. What was evicted
  /// has left a mark of its protection in the page table, beside which the kernel sets no other.
  func poison(_ offsetBytes: UInt64) {
    _ = protect(offsetBytes, pageBytes, on: false)
    poison(address: baseAddress + offsetBytes, pageBytes)
  }

  /// The same of any range of the client's that is registered. What is mapped there stays.
  func poison(address: UInt64, _ lengthBytes: UInt64) {
    var done: UInt64 = 0
    var attempts = Self.attempts
    while done < lengthBytes, attempts > 0 {
      let outcome = heartbeat.amongClient {
        fault.poison(address: address + done, lengthBytes: lengthBytes - done)
      }
      switch outcome {
      case .done: done = lengthBytes
      case .again(let doneBytes):
        done += doneBytes
        if doneBytes == 0 { attempts -= 1 }
      case .exists: done += pageBytes
      case .notCached, .gone, .failed: attempts = 0
      }
    }
    _ = heartbeat.amongClient { fault.wake(address: address, lengthBytes: lengthBytes) }
  }
}
