// The kinds of events that an administrator acts on. Each has an identifier that never changes, by
// which the journal finds it and its explanation (systemd/coherentd.catalog), and exactly the
// fields that its row names; a test holds the table and the catalog together.

package enum EventKind: String, CaseIterable, Sendable {
  case started
  case startFailed
  case stopping
  case reloaded
  case reloadRefused
  case blockStateChanged
  case pressureBegan
  case pressureGoesOn
  case pressureEnded
  case allocationRefused
  case limitReached
  case leaseRevoked
  case clientMisbehaved
  case memoryUnaccounted
  case hostMemoryMissing
  case threadStuck
  case recovered
  case dataLost

  /// One row of the table.
  private struct Row {
    let messageID: String
    let level: LogLevel
    let fields: [EventField]
  }

  /// MESSAGE_ID of the journal: 128 random bits, in lower-case hexadecimal digits.
  package var messageID: String { row.messageID }
  package var level: LogLevel { row.level }
  /// Every event of this kind has all of these and no other.
  package var fields: [EventField] { row.fields }

  /// The most events of this kind, about one client, that are written in a window of time.
  package var burst: Int { 20 }

  private var row: Row {
    let client = EventField.ofClient
    let pressure = [
      EventField.freeBytes, .watermarkBytes, .durationMilliseconds, .times,
    ]
    return switch self {
    case .started: make("2ba9504fcefe4a49bed3f1d432831dbe", .notice, [.bytes, .blocks])
    case .startFailed: make("3f7689cf9abf484b8bb9fcf22d4da6fe", .error, [.reason])
    case .stopping: make("2ad253380aca4b44a78b251101d6d4da", .notice, [.sessions, .reason])
    case .reloaded: make("b1ec36ef6a2c49a0beb738883518c9d9", .notice, [.changed, .kept])
    case .reloadRefused: make("0db4f29a66d54387babdb24681c75732", .warning, [.problems, .reason])
    case .blockStateChanged:
      make("564cda54becc4b16a1a563a44044d87e", .notice, [.blocks, .blockState, .bytes])
    case .pressureBegan:
      make(
        "ea648d784d354053b920c351043426ad", .notice, [.freeBytes, .watermarkBytes, .times])
    case .pressureGoesOn:
      make("d3c7f1b06f0e4c0f9a5b7d2c41e86a35", .notice, pressure)
    case .pressureEnded:
      make("b5c5575aefc2422fa32788dc2f339dee", .notice, pressure)
    case .allocationRefused:
      make(
        "743dad0806754287a361071d7948baab", .notice,
        client + [.bytes, .availableBytes, .holderProcess, .reason])
    case .limitReached:
      make("cbb6204ce9f149438ce89aca4723b59f", .notice, client + [.limit, .reason])
    case .leaseRevoked:
      make("f7aceb84117d4a6bb06f0dfcd6e51898", .notice, client + [.allocation, .pins])
    case .clientMisbehaved:
      make("9ef54376f799412a8e8cbc2890c7dcd9", .warning, client + [.reason])
    case .memoryUnaccounted:
      make("5bca182d8f7747a699b4e33b7b1b88c9", .warning, client + [.bytes, .limit])
    case .hostMemoryMissing:
      make("d857c7e90233493085f3e75316661c33", .error, client + [.reason])
    case .threadStuck: make("bb486128c9434e3f8c4fb6c41f86866f", .error, [.thread, .reason])
    case .recovered:
      make(
        "f34c36487e48428184dfdd99a23c4cc8", .notice,
        [.sessions, .allocations, .bytes, .durationMilliseconds])
    case .dataLost: make("1ace18c9e0084ca894706cd053e68133", .error, client + [.bytes, .reason])
    }
  }

  private func make(_ messageID: String, _ level: LogLevel, _ fields: [EventField]) -> Row {
    Row(messageID: messageID, level: level, fields: fields)
  }
}
