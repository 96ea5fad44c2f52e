// The configuration in the core's units: bytes become frames, shares of the device become counts.

import CoherentCore

extension CoreConfiguration {
  /// `sessionsAtMost`: how many survive the daemon, where any do.
  init(_ configuration: Configuration, sessionsAtMost: Int = .max) {
    self.init()
    keepsLedger = true
    let frame = configuration.frameSizeBytes
    let online = configuration.regionBytes
    func frames(_ share: MemoryShare) -> Int { Int(share.bytes(ofTotalBytes: online) / frame) }
    frameBytes = frame
    onlineFrames = Int(online / frame)
    blockFrames = Int(configuration.blockSizeBytes / frame)
    maximumBlocks = configuration.maximumBlocks
    minimumFrames = frames(configuration.pressureMin)
    lowFrames = frames(configuration.pressureLow)
    highFrames = frames(configuration.pressureHigh)
    watermarks = Watermarks(
      minimum: configuration.pressureMin.mark(frameBytes: frame, ofDevice: onlineFrames),
      low: configuration.pressureLow.mark(frameBytes: frame, ofDevice: onlineFrames),
      high: configuration.pressureHigh.mark(frameBytes: frame, ofDevice: onlineFrames))
    runFrames = max(Int(configuration.evictionRunBytes / frame), 1)
    oversubscribe = configuration.oversubscribe
    hostLimitFrames = Int(configuration.hostLimitBytes / frame)
    arenaFrames = Int(configuration.arenaSizeBytes / frame)
    defaultLeaseMilliseconds = UInt32(configuration.leaseDefaultMilliseconds)
    maximumLeaseMilliseconds = UInt32(configuration.leaseMaximumMilliseconds)
    maximumTimeoutMilliseconds = UInt32(configuration.maximumTimeoutMilliseconds)
    maximumSessions = min(
      configuration.maximumSessions, sessionsAtMost, DescriptorBudget.sessionsAtMost)
    maximumAllocations = configuration.maximumAllocations
    maximumAllocationsPerSession = configuration.maximumAllocationsPerSession
    maximumPinsPerSession = configuration.maximumPinsPerSession
    maximumRequestsInFlight = configuration.inFlightRequestsPerSession
    maximumWaiters = configuration.waitingRequests
    userSharePercent = configuration.userSharePercent
  }
}

extension MemoryShare {
  /// The share in the core's words: what is online when it is asked for is the core's to know.
  fileprivate func mark(frameBytes: UInt64, ofDevice frames: Int) -> Watermarks.Mark {
    switch self {
    case .bytes(let bytes): .frames(Int(bytes / frameBytes), ofDevice: frames)
    case .hundredthsOfPercent(let hundredths): .hundredthsOfPercent(Int(hundredths))
    }
  }
}
