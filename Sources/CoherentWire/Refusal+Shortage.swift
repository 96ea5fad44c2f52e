// The sentences for shortages: whose it is, of what, how many there may be, and what would help. A
// shortage of the daemon's is never told as the client's mistake, nor the other way round.

extension Refusal {
  var shortageSentence: String {
    switch detail {
    case .noMemoryFile:
      "The daemon could not make the session's memory file (\(ErrorName(asked))). "
        + "Trying again later, or more host memory, would help."
    case .daemonDescriptors:
      "The daemon's file descriptors have run out (\(ErrorName(asked)))\(permitted()). "
        + "Fewer clients, or a higher limit for the daemon (LimitNOFILE= of its unit, "
        + "ulimit -n), would help."
    case .daemonThreads:
      "The daemon can start no more threads (\(ErrorName(asked))). Fewer clients, or a higher "
        + "limit for the daemon (TasksMax= of its unit, ulimit -u), would help."
    case .notRegistered:
      "The kernel had no memory to watch this process's arena (\(ErrorName(asked))). "
        + "A higher memory limit for this process, or more mappings (vm.max_map_count), would help."
    case .localUserfaultFailed:
      "This process cannot make a userfaultfd (\(ErrorName(asked))). A kernel that has it, "
        + "Linux 5.19 or newer, would help."
    case .localUserfaultForbidden:
      "This process may not make a userfaultfd (\(ErrorName(asked))): a filter of system calls "
        + "(seccomp, as containers have) or a security module forbids it. Allowing userfaultfd "
        + "in that profile, or a daemon with PassDevice=yes, would help."
    default: localShortage
    }
  }

  private var localShortage: String {
    switch detail {
    case .localDescriptors:
      "This process's file descriptors have run out (\(ErrorName(asked)))\(permitted()). "
        + "Closing some, or a higher limit (ulimit -n), would help."
    case .localThreads:
      "This process can start no thread (\(ErrorName(asked)))"
        + "\(permitted("its user may have")). Fewer processes and threads, more memory for a "
        + "stack, or a higher limit (ulimit -u, TasksMax=), would help."
    case .localAddressSpace:
      "This process has too little address space or memory (\(ErrorName(asked)))"
        + (limit == 0 ? "" : ": it may have \(HumanSize(limit))")
        + ". A higher limit (ulimit -v, vm.max_map_count), or a smaller arena (Size= in [Arena]), "
        + "would help."
    case .localLockedMemory:
      "All that this process maps is locked (mlockall), and it may lock no more "
        + "(\(ErrorName(asked)))" + (limit == 0 ? "" : ", \(HumanSize(limit)) at most")
        + ". A higher limit (ulimit -l), or mlockall without MCL_FUTURE, would help."
    default:
      "The arena could not be mapped into this process, or changed (\(ErrorName(asked)))."
    }
  }

  private func permitted(_ whose: String = "it may open") -> String {
    limit == 0 ? "" : ": \(whose) \(limit)"
  }
}
