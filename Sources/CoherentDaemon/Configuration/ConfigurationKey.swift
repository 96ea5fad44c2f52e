// The name of one setting inside the program: one case per row of the table, in the table's order.
// The raw value is the row's index, so what is kept per key is an array. The words that an
// administrator writes stand in the table and nowhere else.

package enum ConfigurationKey: Int, CaseIterable, Sendable {
  // [Region]
  case blockSize, blocks, maximumBlocks, frameSize, oversubscribe, node, hugePages
  // [Pressure]
  case pressureMin, pressureLow, pressureHigh, evictionRun
  // [Host]
  case hostLimit
  // [Arena]
  case arenaSize
  // [Leases]
  case leaseDefault, leaseMaximum
  // [Requests]
  case maximumTimeout, inFlight, waiting, slowReaderTimeout, faultTimeout, attachTimeout
  // [Limits]
  case userShare, connecting, sessions, allocations, allocationsPerSession, pinsPerSession
  case unaccountedMemory, accountingInterval
  // [Sockets]
  case clientSocket, clientMode, clientGroup, controlSocket, controlMode, controlGroup
  // [Userfault]
  case passDevice
  // [Log]
  case logLevel

  /// What the table says about this key.
  package var row: ConfigurationRow { ConfigurationTable.rows[rawValue] }
}
