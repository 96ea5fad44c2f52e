// Whether what a client has at its arena's address is its arena. It is tried when the client
// attaches; what it puts there later is found out by the faults that cannot be answered. Then the
// session ends, by name; what may never happen is a fault that is answered for ever.

import CoherentCore
import CoherentSystem
import CoherentWire

extension Pager {
  // MARK: at the start

  /// Tries the first and the last page of the range.
  func isArenaMapped() throws(SystemError) -> Bool {
    let page = UInt64(PageSize.bytes)
    let file = session.memory.file
    for offset in [0, range.lengthBytes - page] {
      // One page may come as a huge one, which may reach into the host store. That is empty now.
      let start = offset / Self.hugePageBytes * Self.hugePageBytes
      let length = min(Self.hugePageBytes, session.layout.controlOffset - start)
      let isRight = try range.isArena(at: offset) { () throws(SystemError) in
        try file.fill(offsetBytes: offset, lengthBytes: page, heartbeat)
      } punch: { () throws(SystemError) in
        try file.punch(offsetBytes: start, lengthBytes: length, heartbeat)
      }
      guard isRight else { return false }
    }
    return isWritable()
  }

  private static let hugePageBytes: UInt64 = 2 << 20
  private static let mapsBytesAtMost = 8 << 20

  /// Whether the client can write to its mapping, by /proc/PID/maps. True where that cannot be
  /// read: then its writes fail, for itself.
  private func isWritable() -> Bool {
    let process = session.peer.process
    let maps = heartbeat.amongClient {
      try? SmallFile.read(path: "/proc/\(process)/maps", maximumBytes: Self.mapsBytesAtMost)
    }
    guard let maps, !session.process.isGone else { return true }
    for line in String(decoding: maps, as: UTF8.self).split(separator: "\n") {
      let words = line.split(separator: " ", maxSplits: 2)
      let bounds = words.first?.split(separator: "-").compactMap { UInt64($0, radix: 16) } ?? []
      guard bounds.count == 2, words.count > 1, bounds[0] <= range.baseAddress,
        range.baseAddress < bounds[1]
      else { continue }
      return words[1].hasPrefix("rw")
    }
    return true
  }

  // MARK: in service

  /// So many pages in a row that cannot be mapped are no coincidence any more: a client may take
  /// pages out of its file while they are brought, but hardly each time.
  private static let suspicionOfPage = 4
  private static let suspicionAtMost = 64

  /// A page that lies in the arena's file cannot be mapped.
  func suspect(_ offset: UInt64) {
    suspicion += Self.suspicionOfPage
    guard suspicion >= Self.suspicionAtMost, !isAccused else { return }
    isAccused = true
    performer.mailbox.post(
      .disconnect(
        session,
        "protocolViolation: what it mapped is not its arena: a page that its memory file has at "
          + "offset \(offset) cannot be mapped"))
  }
}
