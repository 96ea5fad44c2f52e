// How far going offline is, and what came of it, as sentences.
import CoherentControl
import CoherentWire

enum OfflineText {
  /// One line of at most so many characters, what matters most first.
  static func progress(_ pending: [BlockReport], columns: Int) -> String {
    let left = pending.reduce(0) { $0 &+ $1.leftBytes }
    var line = "\(ByteText.prose(left)) left"
    for part in details(pending) {
      guard line.count + part.count <= columns else { break }
      line += part
    }
    return ClippedText.text(line, width: columns, Style())
  }

  private static func details(_ pending: [BlockReport]) -> [String] {
    let blocks =
      pending.count <= 3
      ? BlockNames.text(pending.map(\.block)) : PluralText.count(pending.count, "block")
    var parts = [" in \(blocks)"]
    if let remaining = pending.compactMap(\.remainingMilliseconds).min() {
      parts.append(", gives up in \(DurationText.plain(remaining))")
    }
    if let holder = pending.lazy.compactMap(\.holders.first).first {
      let until = pending.compactMap(\.pinnedUntilMilliseconds).max().map {
        ", \(DurationText.bound($0)) at most"
      }
      parts.append("; process \(holder.process) pins some\(until ?? "")")
    }
    return parts
  }

  /// Those that were going offline before this order, each with the time that it has; an order
  /// for what is going already changes nothing about it.
  static func others(_ pending: [BlockReport], _ change: BlockChangeReport) -> String {
    pending.filter { !change.changed.contains($0.block) }.map { block in
      let until = block.remainingMilliseconds.map {
        ", and gives up in \(DurationText.bound($0)) if it is not offline"
      }
      return "Block \(block.block) is going offline already\(until ?? ""); this order's --timeout "
        + "does not change that.\n"
    }.joined()
  }

  /// The order went wrong. Where it was not answered it may have been heard.
  static func complaint(_ failure: ControlFailure, ordered blocks: [Int]) -> Complaint {
    switch failure {
    case .connectionLost, .noAnswer: loss(failure, blocks)
    default: Complaint(failure)
    }
  }

  /// The daemon is away, and what it was to do may go on.
  static func loss(_ failure: ControlFailure, _ blocks: [Int]) -> Complaint {
    let complaint = Complaint(failure)
    return Complaint(
      "\(complaint.message); \(BlockNames.text(blocks)) may still be going offline",
      hint: "`coherentctl block list` tells, once the daemon runs", status: complaint.status)
  }

  static func outcome(_ outcome: OfflineOutcome) -> String {
    BlockChangeText.line(BlockChangeReport(changed: outcome.changed, already: outcome.already))
  }

  // MARK: What did not succeed

  /// Nil if every block is offline.
  static func complaint(_ outcome: OfflineOutcome) -> Complaint? {
    guard !outcome.failed.isEmpty else { return nil }
    var sentences = grouped(outcome.failed, by: reason).map { blocks, reason in
      "\(BlockNames.subject(blocks)) online again: \(reason)"
    }
    let offline = (outcome.changed + outcome.already).sorted()
    if !offline.isEmpty { sentences.append("\(BlockNames.subject(offline)) offline") }
    return Complaint(
      sentences.joined(separator: "; "), hint: hint(outcome.failed),
      status: Complaint.failureStatus)
  }

  private static func reason(_ block: OfflineOutcome.Stayed) -> String {
    switch block.lastFailure {
    case nil, BlockFailure.cancelled?: return "somebody ordered that meanwhile"
    case BlockFailure.timedOut?:
      let pinned = block.holders.isEmpty ? "" : ", pinned by \(PinHolderText.list(block.holders))"
      return (block.wasGoingOffline ? "the time of an earlier order was over" : "its time was over")
        + pinned
    case let other?: return Printable.text(other.rawValue)
    }
  }

  private static func hint(_ failed: [OfflineOutcome.Stayed]) -> String? {
    let late = failed.filter { $0.lastFailure == .timedOut }
    guard !late.isEmpty else { return nil }
    let help =
      late.contains { !$0.wasGoingOffline }
      ? "--timeout gives it more time" : "ordered again, it has the time of --timeout"
    return late.contains { !$0.holders.isEmpty }
      ? "`coherentctl pins` tells until when; \(help)" : help
  }

  static func interruption(_ outcome: OfflineOutcome) -> String {
    var sentences: [String] = []
    if !outcome.restored.isEmpty {
      sentences.append("\(BlockNames.subject(outcome.restored)) online again")
    }
    sentences += grouped(outcome.unrestored, by: \.message).map { blocks, message in
      "\(BlockNames.subject(blocks)) not back online: \(message)"
    }
    if !outcome.goingOffline.isEmpty {
      sentences.append(
        "\(BlockNames.subject(outcome.goingOffline)) going offline by another order still")
    }
    return sentences.isEmpty
      ? "Interrupted; nothing had been changed.\n"
      : "Interrupted: \(sentences.joined(separator: "; ")).\n"
  }

  /// Blocks of which the same is said, in their order.
  private static func grouped<Entry: NumberedBlock>(
    _ entries: [Entry], by sentence: (Entry) -> String
  ) -> [(blocks: [Int], sentence: String)] {
    var groups: [(blocks: [Int], sentence: String)] = []
    for entry in entries {
      let text = sentence(entry)
      if let index = groups.firstIndex(where: { $0.sentence == text }) {
        groups[index].blocks.append(entry.block)
      } else {
        groups.append(([entry.block], text))
      }
    }
    return groups
  }
}

/// An entry of a list that is about one block.
private protocol NumberedBlock {
  var block: Int { get }
}

extension OfflineOutcome.Stayed: NumberedBlock {}
extension OfflineOutcome.Unrestored: NumberedBlock {}
