// A supervisor's side of $NOTIFY_SOCKET: it hears when the daemon is ready, and keeps the
// descriptors that it stores for the next one, by names, as systemd does. A thread takes what
// comes, since the daemon waits for it; whoever asks takes what has come first, so that nothing
// that a daemon said before it died is missed.

import CoherentSystem

final class DescriptorKeeper: @unchecked Sendable {
  // SAFETY: everything below `lock` is touched under it only.
  let path: String
  private let socket: LocalSocket
  private let stop = Pending()
  private var thread: Thread?
  private let lock = Lock()
  private var entries: [Entry] = []
  private var readyCount = 0

  private struct Entry {
    let name: String
    let descriptor: OwnedDescriptor
    /// Whether it goes when its peer hangs up.
    let isPolled: Bool
  }

  private static let maximumMessageBytes = 64 << 10

  init(path: String) throws(SystemError) {
    self.path = path
    socket = try LocalSocket.receiveDatagrams(path: path)
    thread = try Thread.start(name: "supervisor") { self.listen() }
  }

  /// Ends the thread, and lets go of everything.
  func end() {
    stop.finish()
    thread?.join()
    thread = nil
    lock.withLock { entries = [] }
  }

  /// How often a daemon has said that it is ready.
  var timesReady: Int {
    lock.withLock {
      drain()
      return readyCount
    }
  }

  /// What the next daemon is passed; it stays here, too.
  func contents() -> [(name: String, descriptor: CInt)] {
    lock.withLock {
      drain()
      entries.removeAll { $0.isPolled && Readiness.hasEnded($0.descriptor.raw) }
      return entries.map { ($0.name, $0.descriptor.raw) }
    }
  }

  private func listen() {
    while !stop.wait(milliseconds: 0) {
      if socket.waitReadable(timeoutMilliseconds: 20) { lock.withLock { drain() } }
    }
  }

  /// Takes what has come; under the lock.
  private func drain() {
    withUnsafeTemporaryAllocation(byteCount: Self.maximumMessageBytes, alignment: 16) { packet in
      while true {
        var numbers: [CInt] = []
        let outcome = socket.receive(into: packet, descriptors: &numbers)
        guard case .received(let count, _, _) = outcome else { return }
        // Those that are not kept are closed with this; a barrier waits for that.
        let descriptors = numbers.map { OwnedDescriptor(Descriptor(owning: $0)) }
        let text = String(decoding: packet[..<count], as: UTF8.self)
        take(Self.assignments(text), descriptors)
      }
    }
  }

  private func take(_ message: [String: String], _ descriptors: [OwnedDescriptor]) {
    if message["READY"] == "1" { readyCount += 1 }
    let name = message["FDNAME"] ?? "stored"
    if message["FDSTORE"] == "1" {
      let isPolled = message["FDPOLL"] != "0"
      entries += descriptors.map { Entry(name: name, descriptor: $0, isPolled: isPolled) }
    } else if message["FDSTOREREMOVE"] == "1" {
      entries.removeAll { $0.name == name }
    }
  }

  /// The lines of a message: sd_notify(3).
  static func assignments(_ text: String) -> [String: String] {
    var message: [String: String] = [:]
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if parts.count == 2 { message[String(parts[0])] = String(parts[1]) }
    }
    return message
  }
}

/// A descriptor that several may hold; the last one closes it.
private final class OwnedDescriptor: Sendable {
  private let descriptor: Descriptor
  var raw: CInt { descriptor.raw }

  init(_ descriptor: consuming Descriptor) { self.descriptor = descriptor }
}
