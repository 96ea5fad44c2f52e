// The sentence for people, made from a refusal's numbers: what was asked, what there was, who
// stands in the way and what would help. Log, command line and library all take it from here.

extension Refusal: CustomStringConvertible {
  package var description: String {
    var text = detailSentence ?? reasonSentence
    if holderProcess != 0 {
      text += " In the way: process \(holderProcess) (session \(holderSession))."
    }
    return text
  }

  private var askedSize: HumanSize { HumanSize(asked) }
  private var limitSize: HumanSize { HumanSize(limit) }

  /// What the reason alone tells, for refusals without a detail of their own.
  private var reasonSentence: String {
    switch reason {
    case .outOfDeviceMemory:
      "Out of device memory: \(askedSize) asked, \(HumanSize(available)) free, "
        + "\(HumanSize(pinned)) pinned, \(HumanSize(protected)) protected. "
        + "A longer timeout, unpinning or freeing would help."
    case .outOfHostMemory:
      "Out of host memory for what leaves the device: \(askedSize) asked, "
        + "\(HumanSize(available)) left of \(limitSize). "
        + "Freeing allocations or a higher host limit would help."
    case .overLimit:
      "Over the limit: \(asked) asked, \(limit) allowed. Freeing some or a higher limit would help."
    case .leaseExpired:
      "The lease of this pin ran out, so the memory may have moved. The pointer is still good; "
        + "a new pin, or a longer lease, would help."
    case .leaseTooLong:
      "Too long a lease: \(asked) ms asked, at most \(limit) ms allowed. "
        + "A shorter lease, renewed by new pins, would help, or a long-term pin, which has none "
        + "and holds host memory instead of the device's."
    case .notPermitted:
      "Not permitted to this user."
    case .invalidRange:
      "No such range: \(asked) asked, \(limit) allowed."
    case .notMigratable:
      pinned > 0
        ? "This range cannot be migrated: \(HumanSize(pinned)) of it are pinned. "
          + "Unpinning would help."
        : "This range cannot be migrated: without oversubscription nothing leaves the device."
    case .timedOut:
      "Timed out: \(askedSize) asked, \(HumanSize(available)) free, \(HumanSize(pinned)) pinned. "
        + "A longer timeout\(pinned > 0 ? " or unpinning" : "") would help."
    case .regionGoingOffline:
      "The device's memory is going offline. Trying again later, or another region, would help."
    case .protocolViolation:
      "The other side broke the protocol."
    case .notConnected:
      "Not connected to the daemon."
    }
  }

  /// The sentence of the detail, nil if the reason's own says everything.
  private var detailSentence: String? {
    switch detail {
    case .none: nil
    case .shareOfSessions, .shareOfAllocations, .shareOfHostMemory, .shareOfWaiters,
      .shareOfConnections:
      shareSentence
    case .zeroLength, .unknownHandle, .beforeTheStart, .pastTheEnd, .badAlignment, .unknownPin,
      .timeoutTooLong, .alreadyEnded:
      rangeSentence
    case .largerThanDevice, .arenaFull, .tooManySessions, .tooManyAllocations, .tooManyPins,
      .tooManyRequests, .tooManyWaiters, .tooManyClosings:
      limitSentence
    case .noMemoryFile, .daemonDescriptors, .daemonThreads, .notRegistered, .localMappingFailed,
      .localDescriptors, .localThreads, .localAddressSpace, .localLockedMemory,
      .localUserfaultFailed, .localUserfaultForbidden:
      shortageSentence
    case .machineMemoryShort, .groupMemoryShort: memorySentence
    case .badMagic, .badVersion, .badLength, .badKind, .badField, .badDescriptorCount,
      .notUserfault, .outOfOrder, .badMapping, .userfaultFailed, .badMemoryFile,
      .badControlMemory, .slowReader, .flood, .spoiltControlWord:
      "Protocol violation: " + violation + "."
    case .daemonStopping, .noMemoryOnline, .faultTimeout, .connectFailed, .connectDenied,
      .transportFailed, .hungUp, .closedByCaller, .forkedChild, .noReply:
      connectionSentence
    }
  }

  private var memorySentence: String {
    let whose = detail == .groupMemoryShort ? "the daemon's control group" : "the machine"
    let remedy =
      detail == .groupMemoryShort ? "A higher limit of that group (MemoryMax=)" : "More memory"
    return "Out of host memory for what leaves the device: \(askedSize) asked, "
      + "\(HumanSize(available)) left of the \(limitSize) that the memory of \(whose) allows now. "
      + "\(remedy), or ending what else uses it, would help."
  }

  private var rangeSentence: String {
    switch detail {
    case .zeroLength: "A range of no bytes was asked; it must have one at least."
    case .unknownHandle: "No such allocation: it was freed, or it is another session's."
    case .beforeTheStart:
      "The range begins \(PluralText.count(asked, "byte")) before the allocation."
    case .pastTheEnd:
      "The range ends at byte \(asked), past the allocation's end at byte \(limit)."
    case .badAlignment:
      "The alignment \(asked) is no power of two, or it is over \(limitSize), the largest one."
    case .unknownPin: "No such pin: it was released, or it is another session's."
    case .timeoutTooLong: "Too long a timeout: \(asked) ms asked, at most \(limit) ms allowed."
    default: "This was given back before, and cannot be used again."
    }
  }

  private var limitSentence: String {
    switch detail {
    case .largerThanDevice:
      "Out of device memory: \(askedSize) asked, but one allocation can have at most "
        + "\(limitSize). Asking for less, or bringing blocks online, would help."
    case .arenaFull:
      "No free range of \(askedSize) in the arena of \(limitSize). "
        + "Freeing allocations or a larger arena would help."
    case .tooManySessions: tooMany("sessions")
    case .tooManyAllocations: tooMany("allocations")
    case .tooManyPins: tooMany("pins")
    case .tooManyRequests: tooMany("requests under way")
    case .tooManyClosings:
      "This user's connections and descriptors do not come to an end: \(asked) are being closed, "
        + "\(limit) are allowed. Letting go of what lingers, such as sockets with unsent data, "
        + "would help."
    default: tooMany("waiting requests")
    }
  }

  private func tooMany(_ what: String) -> String {
    "Too many \(what): this one would be number \(asked), \(limit) are allowed. "
      + "Giving some back, or a higher limit, would help."
  }

  private var violation: String {
    switch detail {
    case .badMagic: "the first packet does not begin as this protocol's"
    case .badVersion: "no common version (the client's highest is \(asked), the daemon's \(limit))"
    case .badLength: "a packet of \(asked) bytes where \(limit) were expected"
    case .badKind: "no message has the kind \(asked)"
    case .badField: "the field at byte \(asked) has a value that it cannot have"
    case .badDescriptorCount: "\(asked) descriptors came where \(limit) were expected"
    case .notUserfault: "the descriptor that came is no userfaultfd"
    case .outOfOrder: "a message of the kind \(asked) came too early, or a second time"
    case .badMapping: "the arena is not mapped where the client said, or not whole"
    case .userfaultFailed: "the userfaultfd that came cannot be used (\(ErrorName(asked)))"
    case .badMemoryFile: "the memory file has \(askedSize) or no seals, it must have \(limitSize)"
    case .badControlMemory:
      "the control memory is laid out by version \(asked), this library knows \(limit)"
    case .spoiltControlWord: "something in this process wrote into the count of its pins"
    case .slowReader: "replies were not read in time"
    case .flood: "\(asked) requests in a row while too many were under way"
    default: "more requests came than one client may send"
    }
  }

  private var connectionSentence: String {
    switch detail {
    case .daemonStopping: "The daemon is stopping. Trying again later would help."
    case .noMemoryOnline:
      "No memory of the device is online. Trying again later, or an administrator who brings a "
        + "block online (coherentctl block online), would help."
    case .faultTimeout: "A page fault was not answered in time."
    case .connectFailed: "Not connected: " + unreached
    case .connectDenied:
      "Not permitted: this user may not use the daemon's socket (\(ErrorName(asked))). "
        + "Being in the group that it belongs to, or another mode of it, would help."
    case .transportFailed: "Not connected: the connection failed (\(ErrorName(asked)))."
    case .noReply: "Timed out: the daemon did not answer within \(asked) ms."
    case .hungUp: "Not connected: the daemon ended the connection."
    case .closedByCaller: "Not connected: this client was closed."
    default: "Not connected: a child made by fork cannot use its parent's connection."
    }
  }

  private var unreached: String {
    switch asked {
    case ErrorName.tryAgain:
      "the daemon takes nobody at the moment, its queue stayed full (\(ErrorName(asked))). "
        + "Trying again later would help."
    default:
      "nobody could be reached on the daemon's socket (\(ErrorName(asked))). "
        + "Starting coherentd, or another socket path, would help."
    }
  }
}
