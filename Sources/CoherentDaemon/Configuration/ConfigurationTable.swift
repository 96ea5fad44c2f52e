// The table of all settings, in the order of the sections in the sample file. It is the one place
// that knows a key's name, range and default. A row's index is its key's raw value; a default must
// lie in its own range; both are tested.

package enum ConfigurationTable {
  private static let kibibyte: UInt64 = 1 << 10
  private static let mebibyte: UInt64 = 1 << 20
  private static let gibibyte: UInt64 = 1 << 30
  private static let tebibyte: UInt64 = 1 << 40
  private static let second: UInt64 = 1_000
  private static let hour: UInt64 = 3_600_000

  package static let rows: [ConfigurationRow] =
    region + pressure + hostAndArena + leases + requests + limits + sockets + userfaultAndLog

  /// The names of the sections, each once, in the table's order.
  package static let sections: [String] = rows.reduce(into: []) { sections, row in
    if sections.last != row.section { sections.append(row.section) }
  }

  /// The row of a section's key, or nil where there is none.
  package static func row(section: String, name: String) -> ConfigurationRow? {
    rows.first { $0.section == section && $0.name == name }
  }

  private static let region: [ConfigurationRow] = [
    ConfigurationRow(
      .blockSize, "Region", "BlockSize", .powerOfTwoSize(2 * mebibyte...64 * gibibyte),
      default: .bytes(128 * mebibyte), unit: "bytes", canReload: false,
      "The size of a memory block, the unit in which the region grows and shrinks."),
    ConfigurationRow(
      .blocks, "Region", "Blocks", .count(1...4096), default: .count(8), unit: "memory blocks",
      canReload: false,
      """
      How many memory blocks are online from the start. Their memory is committed at once: \
      BlockSize times Blocks must be free on the host, or the daemon does not start.
      """),
    ConfigurationRow(
      .maximumBlocks, "Region", "MaximumBlocks", .count(1...4096), default: .count(128),
      unit: "memory blocks", canReload: false,
      """
      How many memory blocks the region can ever have: those that are online from the start, and \
      those that an administrator adds later. It takes addresses, not memory. \
      Where Blocks is more, as many as that.
      """),
    ConfigurationRow(
      .frameSize, "Region", "FrameSize", .powerOfTwoSize(4 * kibibyte...2 * mebibyte),
      default: .bytes(64 * kibibyte), unit: "bytes", canReload: false,
      """
      The unit in which memory is placed, evicted and restored. A multiple of the page size; \
      BlockSize, Size of [Arena] and EvictionRun of [Pressure] must be multiples of it.
      """),
    ConfigurationRow(
      .oversubscribe, "Region", "Oversubscribe", .flag, default: .flag(true), unit: "yes or no",
      canReload: false,
      """
      Whether clients may allocate more than the region holds, the rest being evicted to host \
      memory. With no, an allocation that does not fit is refused, and what was admitted is never \
      evicted.
      """),
    ConfigurationRow(
      .node, "Region", "Node", .node, default: .node(nil), unit: "NUMA node", canReload: false,
      """
      The NUMA node that the blocks which are online from the start are bound to, for a device \
      that is a node of its own, as CXL or HBM memory is. Evicted data then lies on the other \
      nodes. Empty, the kernel chooses where the device's memory lies.
      """),
    ConfigurationRow(
      .hugePages, "Region", "HugePages", .hugePages, default: .hugePages(.no), unit: "page size",
      canReload: false,
      """
      Whether the device's memory is made of huge pages, where the kernel gives them to memory \
      files (shmem_enabled); where it does not, the daemon says so and does not start. With 2M, \
      FrameSize must be 2M too.
      """),
  ]

  private static let watermark = ConfigurationKind.share(
    maximumHundredths: 9_999, maximumBytes: 256 * tebibyte)

  private static let pressure: [ConfigurationRow] = [
    ConfigurationRow(
      .pressureMin, "Pressure", "Min", watermark, default: .share(.hundredthsOfPercent(200)),
      unit: "bytes, or percent of online memory",
      """
      Below so much free device memory only a restore that makes something else free may take \
      more of it.
      """),
    ConfigurationRow(
      .pressureLow, "Pressure", "Low", watermark, default: .share(.hundredthsOfPercent(500)),
      unit: "bytes, or percent of online memory",
      "Below so much free device memory the pager evicts in the background. At least Min."),
    ConfigurationRow(
      .pressureHigh, "Pressure", "High", watermark, default: .share(.hundredthsOfPercent(1_000)),
      unit: "bytes, or percent of online memory",
      """
      Background eviction stops at so much free device memory. At least Low, and less than the \
      whole region.
      """),
    ConfigurationRow(
      .evictionRun, "Pressure", "EvictionRun", .size(4 * kibibyte...16 * mebibyte),
      default: .bytes(2 * mebibyte), unit: "bytes",
      """
      The longest run that is evicted in one go. A longer run costs less per byte, and makes an \
      access to its last frame wait longer. A multiple of FrameSize.
      """),
  ]

  private static let hostAndArena: [ConfigurationRow] = [
    ConfigurationRow(
      .hostLimit, "Host", "Limit",
      .share(maximumHundredths: 1_000_000, maximumBytes: 256 * tebibyte),
      default: .share(.bytes(4 * gibibyte)), unit: "bytes, or percent of the region",
      """
      How much ordinary memory evicted data may take, in all. Room is reserved when an allocation \
      is admitted; past the limit allocations are refused, and nothing is lost. More than the \
      memory of the machine, or of a control group of the daemon, is a mistake. Where less is left \
      of that than the limit, no more than what is left is promised.
      """),
    ConfigurationRow(
      .arenaSize, "Arena", "Size", .size(4 * kibibyte...4 * tebibyte),
      default: .bytes(64 * gibibyte), unit: "bytes", canReload: false,
      """
      The address range that each client gets. It takes addresses, not memory. A multiple of \
      FrameSize.
      """),
  ]

  private static let leases: [ConfigurationRow] = [
    ConfigurationRow(
      .leaseDefault, "Leases", "Default", .time(1...hour), default: .milliseconds(100),
      unit: "time", "How long a pin holds where its request names no lease. At most Maximum."),
    ConfigurationRow(
      .leaseMaximum, "Leases", "Maximum", .time(1...hour), default: .milliseconds(10 * second),
      unit: "time",
      "The longest lease that a client may ask for; a longer one is refused (leaseTooLong)."),
  ]

  private static let requests: [ConfigurationRow] = [
    ConfigurationRow(
      .maximumTimeout, "Requests", "MaximumTimeout", .time(1...hour),
      default: .milliseconds(60 * second), unit: "time",
      "The longest time that a client may let a request wait, for example for device memory."),
    ConfigurationRow(
      .inFlight, "Requests", "InFlight", .count(1...4096), default: .count(64),
      unit: "requests per session",
      "How many requests a session may have unanswered; one more is refused (overLimit)."),
    ConfigurationRow(
      .waiting, "Requests", "Waiting", .count(1...65_536), default: .count(1024),
      unit: "requests in all",
      "How many allocations may wait for device memory at the same time; one more is refused."),
    ConfigurationRow(
      .slowReaderTimeout, "Requests", "SlowReaderTimeout", .time(100...hour),
      default: .milliseconds(10 * second), unit: "time",
      "A client that leaves its replies unread for so long loses its session."),
    ConfigurationRow(
      .faultTimeout, "Requests", "FaultTimeout", .time(100...hour),
      default: .milliseconds(30 * second), unit: "time",
      """
      How long a client's address space or its memory file may resist an operation before its \
      session is ended, so that the memory which it keeps can be used again.
      """),
    ConfigurationRow(
      .attachTimeout, "Requests", "AttachTimeout", .time(100...hour),
      default: .milliseconds(10 * second), unit: "time",
      "How long a new connection may take until it has mapped its arena and is a session."),
  ]

  private static let limits: [ConfigurationRow] = [
    ConfigurationRow(
      .userShare, "Limits", "UserShare", .count(1...100), default: .count(90), unit: "percent",
      """
      How much one user may have of what all users share: of Connecting, of Sessions, of \
      Allocations, of Waiting in [Requests] and of Limit in [Host]. The rest, one entry at least, \
      is a reserve that one user alone cannot take: what goes beyond the share is refused \
      (overLimit). 100 keeps none.
      """),
    ConfigurationRow(
      .connecting, "Limits", "Connecting", .count(2...1024), default: .count(128),
      unit: "connections",
      """
      How many connections may be on their way to a session. One more, or one more than a user's \
      share, closes the oldest of the user who has most (overLimit).
      """),
    ConfigurationRow(
      .sessions, "Limits", "Sessions", .count(1...4000), default: .count(256), unit: "sessions",
      "How many clients may be connected at the same time."),
    ConfigurationRow(
      .allocations, "Limits", "Allocations", .count(1...16_777_216), default: .count(1_000_000),
      unit: "allocations in all", "How many allocations may be live in all sessions together."),
    ConfigurationRow(
      .allocationsPerSession, "Limits", "AllocationsPerSession", .count(1...16_777_216),
      default: .count(200_000), unit: "allocations per session",
      "How many allocations may be live in one session."),
    ConfigurationRow(
      .pinsPerSession, "Limits", "PinsPerSession", .count(1...65_000), default: .count(4096),
      unit: "pins per session", "How many pins one session may hold at the same time."),
    ConfigurationRow(
      .unaccountedMemory, "Limits", "UnaccountedMemory", .size(4 * kibibyte...256 * tebibyte),
      default: .bytes(64 * mebibyte), unit: "bytes per session",
      """
      How much memory a session's file may hold beyond what its allocations account for, as the \
      kernel counts it. A client that holds more is told, and ended if it does at the next look.
      """),
    ConfigurationRow(
      .accountingInterval, "Limits", "AccountingInterval", .time(100...hour),
      default: .milliseconds(10 * second), unit: "time",
      "How often the daemon compares its own count of every session's memory with the kernel's."),
  ]

  private static let sockets: [ConfigurationRow] = [
    ConfigurationRow(
      .clientSocket, "Sockets", "Client", .socketPath,
      default: .text("/run/coherentd/coherentd.socket"), unit: "path", canReload: false,
      "The socket that clients connect to."),
    ConfigurationRow(
      .clientMode, "Sockets", "ClientMode", .mode, default: .mode(0o660), unit: "octal",
      canReload: false,
      "The permissions of the clients' socket."),
    ConfigurationRow(
      .clientGroup, "Sockets", "ClientGroup", .group, default: .text(""), unit: "group",
      canReload: false,
      "The group of the clients' socket; with ClientMode it says who may be a client."),
    ConfigurationRow(
      .controlSocket, "Sockets", "Control", .socketPath,
      default: .text("/run/coherentd/io.coherentd.Control"), unit: "path", canReload: false,
      "The Varlink socket for administration. It must differ from Client."),
    ConfigurationRow(
      .controlMode, "Sockets", "ControlMode", .mode, default: .mode(0o660), unit: "octal",
      canReload: false,
      "The permissions of the administration socket."),
    ConfigurationRow(
      .controlGroup, "Sockets", "ControlGroup", .group, default: .text(""), unit: "group",
      canReload: false,
      "The group of the administration socket; its members may administer the daemon."),
  ]

  private static let userfaultAndLog: [ConfigurationRow] = [
    ConfigurationRow(
      .passDevice, "Userfault", "PassDevice", .flag, default: .flag(false), unit: "yes or no",
      canReload: false,
      """
      Whether clients receive an open /dev/userfaultfd, so that unprivileged ones too can pass \
      memory that is evicted to system calls, such as read(2) into it. It has a price: every \
      process that may connect to the clients' socket can then stall the kernel in the middle of \
      an access to that process's own memory, for as long as it likes, which is a well-known aid \
      for exploiting other kernel bugs. \
      Leave it off unless the members of the clients' group are trusted that far.
      """),
    ConfigurationRow(
      .logLevel, "Log", "Level", .logLevel, default: .level(.info), unit: "level",
      "The least important messages that are logged."),
  ]
}
