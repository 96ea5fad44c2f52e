// What the daemon counts and holds, in the text format of Prometheus, version 0.0.4. Names and
// units follow its conventions: base units, `_total` for counters, few labels of few values. No
// session, process or unit is ever a label: those come and go, and a time series is for ever.
import CoherentControl

struct MetricsText {
  static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  enum Kind: String {
    case counter
    case gauge
  }

  private(set) var text = ""

  /// What there is to say of a daemon that cannot be asked.
  static let down: String = {
    var metrics = MetricsText()
    metrics.add("up", .gauge, "Whether the daemon answers.", [("", "0")])
    return metrics.text
  }()

  private init() {}

  init(_ status: StatusReport, _ pressure: PressureReport) {
    add("up", .gauge, "Whether the daemon answers.", [("", "1")])
    add(
      "info", .gauge, "The daemon's version.",
      [("version=\"\(Self.escaped(status.version))\"", "1")])
    add(
      "uptime_seconds", .gauge, "How long the daemon has been running.",
      Self.seconds(status.uptimeMilliseconds, 1000))
    device(status)
    host(status)
    clients(status)
    work(status)
    add(
      "stall_seconds_total", .counter,
      "Time lost to waiting for the device: by at least one session, by all that had work.",
      [
        ("kind=\"some\"", Self.decimal(pressure.some.totalMicroseconds, 1_000_000)),
        ("kind=\"full\"", Self.decimal(pressure.full.totalMicroseconds, 1_000_000)),
      ])
  }

  // MARK: Subjects

  private mutating func device(_ status: StatusReport) {
    add(
      "capacity_bytes", .gauge, "Device memory of all blocks, online or not.",
      Self.number(status.capacityBytes))
    add(
      "device_bytes", .gauge, "Online device memory by what it is used for.",
      [
        ("state=\"free\"", String(status.freeBytes)),
        ("state=\"reserved\"", String(status.reservedBytes)),
        ("state=\"data\"", String(status.deviceBytes)),
        ("state=\"evicting\"", String(status.evictingBytes)),
        ("state=\"restoring\"", String(status.restoringBytes)),
        ("state=\"releasing\"", String(status.releasingBytes)),
        ("state=\"isolated\"", String(status.isolatedBytes)),
      ])
    add(
      "withheld_bytes", .gauge, "Device memory of ended sessions that their clients keep.",
      Self.number(status.withheldBytes))
    add(
      "blocks", .gauge, "Memory blocks by their state.",
      [
        ("state=\"online\"", String(status.blocksOnline)),
        ("state=\"offline\"", String(status.blocksOffline)),
        ("state=\"going-offline\"", String(status.blocksGoingOffline)),
      ])
    add(
      "watermark_bytes", .gauge, "Free memory at which eviction begins (low) and ends (high).",
      [
        ("mark=\"min\"", String(status.watermarkMinimumBytes)),
        ("mark=\"low\"", String(status.watermarkLowBytes)),
        ("mark=\"high\"", String(status.watermarkHighBytes)),
      ])
    add(
      "under_pressure", .gauge, "Whether the daemon is evicting for want of free memory.",
      [("", status.isUnderPressure ? "1" : "0")])
    add("pinned_bytes", .gauge, "Memory under a pin.", Self.number(status.pinnedBytes))
    add("frame_size_bytes", .gauge, "The size of a frame.", Self.number(status.frameBytes))
    add("block_size_bytes", .gauge, "The size of a memory block.", Self.number(status.blockBytes))
  }

  private mutating func host(_ status: StatusReport) {
    add(
      "host_bytes", .gauge, "Clients' data in host memory: mapped, or stored until it is used.",
      [
        ("state=\"mapped\"", String(status.hostBytes)),
        ("state=\"stored\"", String(status.storedBytes)),
      ])
    add(
      "host_limit_bytes", .gauge, "The most host memory that evicted data may take.",
      Self.number(status.hostLimitBytes))
    add(
      "host_promised_bytes", .gauge, "Host memory that is promised to clients.",
      Self.number(status.hostReservedBytes))
    add(
      "committed_bytes", .gauge, "What all memory files hold, by the daemon's own books.",
      Self.number(status.committedBytes))
    add(
      "kernel_committed_bytes", .gauge, "What all memory files hold, by the kernel's count.",
      Self.number(status.kernelCommittedBytes))
    add(
      "unaccounted_bytes", .gauge, "Memory of sessions' files that no allocation accounts for.",
      Self.number(status.unaccountedBytes))
  }

  private mutating func clients(_ status: StatusReport) {
    add("sessions", .gauge, "Connected clients.", Self.number(status.sessions))
    add("users", .gauge, "Users who have a session.", Self.number(status.users))
    add("allocations", .gauge, "Allocations of all clients.", Self.number(status.allocations))
    add("pins", .gauge, "Pins that were asked for.", Self.number(status.pins))
    add(
      "waiting_requests", .gauge, "Requests that wait for memory or for a pin.",
      Self.number(status.waiters))
    add(
      "closings", .gauge, "Descriptors, connections and memory of clients that are being closed.",
      Self.number(status.closings))
  }

  private mutating func work(_ status: StatusReport) {
    func bytes(_ frames: UInt64) -> [(String, String)] {
      let (bytes, overflows) = frames.multipliedReportingOverflow(by: status.frameBytes)
      return Self.number(overflows ? .max : bytes)
    }
    add("faults_total", .counter, "Page faults served.", Self.number(status.faults))
    add(
      "evicted_bytes_total", .counter, "Data moved from the device to the host.",
      bytes(status.evictedFrames))
    add(
      "restored_bytes_total", .counter, "Data moved from the host to the device.",
      bytes(status.restoredFrames))
    add(
      "lost_bytes_total", .counter, "Data lost; anything but 0 is a bug or broken memory.",
      bytes(status.lostFrames))
    add(
      "refused_requests_total", .counter, "Requests refused to clients.",
      Self.number(status.refusedRequests))
    add(
      "refused_by_share_total", .counter,
      "Requests refused, and connections closed, for which only the user's share was taken.",
      Self.number(status.refusedByShare))
    add(
      "misbehaved_clients_total", .counter, "Clients cut off for what they sent.",
      Self.number(status.misbehavedClients))
    add(
      "dropped_log_lines_total", .counter, "Lines of the log that nobody took in time.",
      Self.number(status.droppedLogLines))
  }

  // MARK: Lines

  /// One metric: its help, its type, and a line for each set of labels.
  private mutating func add(
    _ name: String, _ kind: Kind, _ help: String, _ samples: [(labels: String, value: String)]
  ) {
    let name = "coherentd_\(name)"
    text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
    for sample in samples {
      let labels = sample.labels.isEmpty ? "" : "{\(sample.labels)}"
      text += "\(name)\(labels) \(sample.value)\n"
    }
  }

  private static func number(_ value: UInt64) -> [(String, String)] { [("", String(value))] }

  private static func seconds(_ value: UInt64, _ parts: UInt64) -> [(String, String)] {
    [("", decimal(value, parts))]
  }

  /// `value / parts` without rounding; `parts` is a power of ten.
  static func decimal(_ value: UInt64, _ parts: UInt64) -> String {
    let rest = String(parts + value % parts).dropFirst()
    return "\(value / parts).\(rest)"
  }

  /// A label's value.
  static func escaped(_ value: String) -> String {
    var result = ""
    for character in value {
      switch character {
      case "\\": result += "\\\\"
      case "\"": result += "\\\""
      case "\n": result += "\\n"
      default: result.append(character)
      }
    }
    return result
  }
}
