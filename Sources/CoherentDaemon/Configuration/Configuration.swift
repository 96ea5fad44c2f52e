// What the administrator decided, as plain numbers in base units. It is made from settings that
// have been checked, once and for all: whoever holds a configuration need not check it again, and
// nobody changes it. A reload makes a new one.

package struct Configuration: Equatable, Sendable {
  // The region.
  package let blockSizeBytes: UInt64
  package let blocks: Int
  package let maximumBlocks: Int
  package let frameSizeBytes: UInt64
  package let oversubscribe: Bool
  /// The NUMA node of the blocks that are online from the start; nil if they are bound to none.
  package let node: Int?
  package let hugePages: HugePages

  // Pressure: free device memory, as shares of what is online at the moment of asking.
  package let pressureMin: MemoryShare
  package let pressureLow: MemoryShare
  package let pressureHigh: MemoryShare
  package let evictionRunBytes: UInt64

  /// Room for evicted data, in all. A percentage was taken of the configured region.
  package let hostLimitBytes: UInt64
  /// The address range of each client.
  package let arenaSizeBytes: UInt64

  package let leaseDefaultMilliseconds: UInt64
  package let leaseMaximumMilliseconds: UInt64

  package let maximumTimeoutMilliseconds: UInt64
  package let inFlightRequestsPerSession: Int
  package let waitingRequests: Int
  package let slowReaderTimeoutMilliseconds: UInt64
  package let faultTimeoutMilliseconds: UInt64
  package let attachTimeoutMilliseconds: UInt64

  /// How much one user may have of what all users share.
  package let userSharePercent: Int
  package let maximumConnecting: Int
  package let maximumSessions: Int
  package let maximumAllocations: Int
  package let maximumAllocationsPerSession: Int
  package let maximumPinsPerSession: Int
  package let unaccountedMemoryBytes: UInt64
  package let accountingIntervalMilliseconds: UInt64

  package let clientSocketPath: String
  package let clientSocketMode: UInt32
  /// A name or a number; nil for the daemon's own group.
  package let clientSocketGroup: String?
  package let controlSocketPath: String
  package let controlSocketMode: UInt32
  /// A name or a number; nil for the daemon's own group.
  package let controlSocketGroup: String?

  /// Whether clients receive an open /dev/userfaultfd.
  package let passesUserfaultDevice: Bool
  package let logLevel: LogLevel

  /// What is online from the start: at most 64 GiB times 4096, which fits.
  package var regionBytes: UInt64 { blockSizeBytes * UInt64(blocks) }

  /// Takes one sound setting per key, in the table's order.
  init(settings: [ConfigurationSetting]) {
    func value(_ key: ConfigurationKey) -> ConfigurationValue { settings[key.rawValue].value }
    func count(_ key: ConfigurationKey) -> Int { Int(value(key).asCount) }
    func group(_ key: ConfigurationKey) -> String? {
      value(key).asText.isEmpty ? nil : value(key).asText
    }
    blockSizeBytes = value(.blockSize).inBytes
    blocks = count(.blocks)
    maximumBlocks = max(count(.maximumBlocks), count(.blocks))
    frameSizeBytes = value(.frameSize).inBytes
    oversubscribe = value(.oversubscribe).asFlag
    node = value(.node).asNode
    hugePages = value(.hugePages).asHugePages
    pressureMin = value(.pressureMin).asShare
    pressureLow = value(.pressureLow).asShare
    pressureHigh = value(.pressureHigh).asShare
    evictionRunBytes = value(.evictionRun).inBytes
    hostLimitBytes = value(.hostLimit).asShare.bytes(
      ofTotalBytes: value(.blockSize).inBytes * value(.blocks).asCount)
    arenaSizeBytes = value(.arenaSize).inBytes
    leaseDefaultMilliseconds = value(.leaseDefault).inMilliseconds
    leaseMaximumMilliseconds = value(.leaseMaximum).inMilliseconds
    maximumTimeoutMilliseconds = value(.maximumTimeout).inMilliseconds
    inFlightRequestsPerSession = count(.inFlight)
    waitingRequests = count(.waiting)
    slowReaderTimeoutMilliseconds = value(.slowReaderTimeout).inMilliseconds
    faultTimeoutMilliseconds = value(.faultTimeout).inMilliseconds
    attachTimeoutMilliseconds = value(.attachTimeout).inMilliseconds
    userSharePercent = count(.userShare)
    maximumConnecting = count(.connecting)
    maximumSessions = count(.sessions)
    maximumAllocations = count(.allocations)
    maximumAllocationsPerSession = count(.allocationsPerSession)
    maximumPinsPerSession = count(.pinsPerSession)
    unaccountedMemoryBytes = value(.unaccountedMemory).inBytes
    accountingIntervalMilliseconds = value(.accountingInterval).inMilliseconds
    clientSocketPath = value(.clientSocket).asText
    clientSocketMode = value(.clientMode).asMode
    clientSocketGroup = group(.clientGroup)
    controlSocketPath = value(.controlSocket).asText
    controlSocketMode = value(.controlMode).asMode
    controlSocketGroup = group(.controlGroup)
    passesUserfaultDevice = value(.passDevice).asFlag
    logLevel = value(.logLevel).asLevel
  }
}
