// A descriptor store as the supervisor keeps it: by names, without those whose peer has hung up
// unless that was asked for, and none of it twice.

import CoherentSystem
import Glibc

final class KeptStore: @unchecked Sendable {
  // SAFETY: `entries` is touched under `lock` only; a descriptor belongs to its entry.
  private struct Entry {
    let name: String
    let descriptor: CInt
    let isPolled: Bool
  }
  private let lock = Lock()
  private var entries: [Entry] = []
  /// Waits until everything that was sent is taken in. Set before the first look.
  var settle: () -> Void = {}

  deinit {
    for entry in entries { close(entry.descriptor) }
  }

  /// What a message says of the store. Takes ownership of its descriptors.
  func take(_ message: [String: String], _ descriptors: [CInt]) {
    lock.withLock {
      if message["FDSTORE"] == "1", let name = message["FDNAME"] {
        let isPolled = message["FDPOLL"] != "0"
        entries += descriptors.map { Entry(name: name, descriptor: $0, isPolled: isPolled) }
        return
      }
      for descriptor in descriptors { close(descriptor) }
      if message["FDSTOREREMOVE"] == "1" {
        drop { $0.name == message["FDNAME"] }
      }
    }
  }

  /// What a new daemon is to be passed; the store keeps them.
  var contents: [(name: String, descriptor: CInt)] {
    settle()
    return lock.withLock {
      drop { entry in
        guard entry.isPolled else { return false }
        var poll = pollfd(fd: entry.descriptor, events: 0, revents: 0)
        return Glibc.poll(&poll, 1, 0) == 1
      }
      return entries.map { ($0.name, $0.descriptor) }
    }
  }

  var names: [String] { contents.map(\.name).sorted() }

  /// Puts something in that no daemon put there.
  func add(_ name: String, _ descriptor: consuming Descriptor) {
    let number = descriptor.release()
    lock.withLock {
      entries.append(Entry(name: name, descriptor: number, isPolled: false))
    }
  }

  /// Under the lock.
  private func drop(_ isDropped: (Entry) -> Bool) {
    var kept: [Entry] = []
    for entry in entries {
      if isDropped(entry) { close(entry.descriptor) } else { kept.append(entry) }
    }
    entries = kept
  }
}
