// One function for each kind of event, with everything that it has to say. Sizes are bytes in the
// fields and readable in the text.

import CoherentWire

extension LogEvent {
  // MARK: the daemon itself

  package static func started(
    _ configuration: Configuration, onlineBytes: UInt64, blocks: Int
  ) -> LogEvent {
    LogEvent(
      .started,
      "ready: \(HumanSize(onlineBytes)) of device memory in "
        + "\(PluralText.count(blocks, "block")), clients at \(configuration.clientSocketPath), "
        + "administration at \(configuration.controlSocketPath)",
      [(.bytes, String(onlineBytes)), (.blocks, String(blocks))])
  }

  package static func startFailed(reason: String) -> LogEvent {
    LogEvent(.startFailed, reason, [(.reason, reason)])
  }

  package static func stopping(sessions: Int, reason: String) -> LogEvent {
    LogEvent(
      .stopping,
      "stopping on \(reason): handing every client its data back, sessions: \(sessions)",
      [(.sessions, String(sessions)), (.reason, reason)])
  }

  /// The names of settings that have another value now, and of those that keep theirs.
  package static func reloaded(changed: [String], kept: [String]) -> LogEvent {
    let text =
      changed.isEmpty
      ? "configuration reloaded: nothing changed"
      : "configuration reloaded: \(changed.joined(separator: ", "))"
    let rest = kept.isEmpty ? "" : "; until restart nothing changes of \(list(kept))"
    return LogEvent(
      .reloaded, text + rest, [(.changed, list(changed)), (.kept, list(kept))])
  }

  /// The problems are logged one by one as well; there is at least one.
  package static func reloadRefused(problems: [String]) -> LogEvent {
    let first = problems.first ?? EventField.nothing
    return LogEvent(
      .reloadRefused,
      "configuration not reloaded, everything stays as it was; problems: \(problems.count), "
        + "the first: \(first)",
      [(.problems, String(problems.count)), (.reason, first)])
  }

  private static func list(_ names: [String]) -> String {
    names.isEmpty ? EventField.nothing : names.joined(separator: ", ")
  }

  // MARK: the device

  /// A run of memory blocks is in another state now.
  package static func blockStateChanged(
    _ blocks: Range<Int>, state: String, blockBytes: UInt64
  ) -> LogEvent {
    let bytes = UInt64(blocks.count) * blockBytes
    let names = blocks.count == 1 ? "\(blocks.lowerBound)" : "\(blocks.lowerBound)-\(blocks.last!)"
    return LogEvent(
      .blockStateChanged,
      "\(blocks.count == 1 ? "memory block \(names) is" : "memory blocks \(names) are") \(state) "
        + "(\(HumanSize(bytes)) of device memory)",
      [(.blocks, names), (.blockState, state), (.bytes, String(bytes))])
  }

  /// It is there for a while now; of what comes and goes nothing is said.
  package static func pressureBegan(
    freeBytes: UInt64, lowBytes: UInt64, times: UInt64
  ) -> LogEvent {
    LogEvent(
      .pressureBegan,
      "pressure began and lasts: free device memory fell below the low watermark of "
        + "\(HumanSize(lowBytes)) \(count(times)), evicting",
      [
        (.freeBytes, String(freeBytes)), (.watermarkBytes, String(lowBytes)),
        (.times, String(times)),
      ])
  }

  package static func pressureGoesOn(
    freeBytes: UInt64, lowBytes: UInt64, durationMilliseconds: UInt64, times: UInt64
  ) -> LogEvent {
    LogEvent(
      .pressureGoesOn,
      "pressure goes on for \(durationMilliseconds / 1000) s: free device memory fell below the "
        + "low watermark of \(HumanSize(lowBytes)) \(count(times))",
      [
        (.freeBytes, String(freeBytes)), (.watermarkBytes, String(lowBytes)),
        (.durationMilliseconds, String(durationMilliseconds)), (.times, String(times)),
      ])
  }

  package static func pressureEnded(
    freeBytes: UInt64, highBytes: UInt64, durationMilliseconds: UInt64, times: UInt64
  ) -> LogEvent {
    LogEvent(
      .pressureEnded,
      "pressure ended after \(durationMilliseconds) ms, in which it began \(count(times)): free "
        + "device memory reached the high watermark of \(HumanSize(highBytes))",
      [
        (.freeBytes, String(freeBytes)), (.watermarkBytes, String(highBytes)),
        (.durationMilliseconds, String(durationMilliseconds)), (.times, String(times)),
      ])
  }

  private static func count(_ times: UInt64) -> String { PluralText.count(times, "time") }

  /// Contents or capacity cannot be served because the host lacks memory; it is tried again.
  /// Without a client it is the region that lacks it.
  package static func hostMemoryMissing(_ client: EventClient?, reason: String) -> LogEvent {
    LogEvent(
      .hostMemoryMissing, about: client,
      "the host lacks memory, trying again: "
        + (client.map { "\($0.description) \(reason)" } ?? reason),
      [(.reason, reason)])
  }

  package static func threadStuck(thread: String, reason: String) -> LogEvent {
    LogEvent(
      .threadStuck, "no sign of life is given to the supervisor: thread \(thread) \(reason)",
      [(.thread, thread), (.reason, reason)])
  }

  /// The daemon came back after a death, with everything that its predecessor had.
  package static func recovered(
    sessions: Int, allocations: Int, bytes: UInt64, durationMilliseconds: UInt64
  ) -> LogEvent {
    LogEvent(
      .recovered,
      "recovered within \(durationMilliseconds) ms what the daemon before this one "
        + "had: \(PluralText.count(sessions, "session")), "
        + "\(PluralText.count(allocations, "allocation")), \(HumanSize(bytes)) of data",
      [
        (.sessions, String(sessions)), (.allocations, String(allocations)),
        (.bytes, String(bytes)), (.durationMilliseconds, String(durationMilliseconds)),
      ])
  }
}
