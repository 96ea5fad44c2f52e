// The supervisor's side of $NOTIFY_SOCKET: it takes what the daemon says of itself, as it comes, by
// a thread of its own, so that a test can wait for it. Descriptors that the daemon stores are kept
// as a supervisor would, for the next daemon.

import CoherentSystem
import Glibc

final class NotifySocket {
  private let inbox = Inbox()
  private let kept = KeptStore()
  private var marks = 0
  private var thread: Thread?
  private let directory: String
  let path: String

  /// The end that is not read yet.
  private var unread: LocalSocket?

  init(isRead: Bool = true) throws {
    directory = try Directory.createTemporary(prefix: "coherentd-notify-")
    chmod(directory, 0o755)
    path = "\(directory)/notify"
    let number = socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
    guard number >= 0 else { throw TestFailure("no socket: \(errno)") }
    let bound = Self.withAddress(path) { bind(number, $0, $1) }
    guard bound == 0 else { throw TestFailure("cannot bind \(path): \(errno)") }
    unread = LocalSocket(adopting: Descriptor(owning: number))
    if isRead { try beginReading() }
  }

  /// Sends messages of its own until there is no room for another.
  func fill() {
    let number = socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
    let sender = Descriptor(owning: number)
    Self.withAddress(path) { address, length in
      while sendto(sender.raw, "X_TEST=1", 8, CInt(MSG_DONTWAIT), address, length) > 0 {}
    }
  }

  func beginReading() throws {
    guard let unread = unread.take() else { return }
    let number = try unread.descriptor.duplicate().release()
    thread = try Thread.start(name: "notify") { [inbox, kept] in
      let socket = LocalSocket(adopting: Descriptor(owning: number))
      var packet = [UInt8](repeating: 0, count: 65536)
      while !inbox.isOver {
        guard socket.waitReadable(timeoutMilliseconds: 50) else { continue }
        var descriptors: [CInt] = []
        let outcome = packet.withUnsafeMutableBytes {
          socket.receive(into: $0, descriptors: &descriptors)
        }
        guard case .received(let count, _, _) = outcome else { continue }
        let message = Inbox.message(String(decoding: packet[..<count], as: UTF8.self))
        kept.take(message, descriptors)
        inbox.take(message)
      }
    }
  }

  /// What the daemon stored. Looking into it waits until everything that was sent is taken in.
  private(set) lazy var store: KeptStore = {
    kept.settle = { [unowned self] in settle() }
    return kept
  }()

  /// Messages come in order, so one of our own tells that those before it have come.
  private func settle() {
    marks += 1
    let mark = "X_TEST_MARK=\(marks)"
    let number = socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
    let sender = Descriptor(owning: number)
    Self.withAddress(path) { address, length in
      _ = Array(mark.utf8).withUnsafeBytes {
        sendto(sender.raw, $0.baseAddress, $0.count, 0, address, length)
      }
    }
    _ = try? inbox.next("\(mark)") { $0["X_TEST_MARK"] == String(marks) }
  }

  private static func withAddress<Result>(
    _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
  ) -> Result {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
  }

  deinit {
    inbox.end()
    thread?.join()
    unlink(path)
    try? Directory.removeEmpty(path: directory)
  }

  /// What came so far.
  var all: [[String: String]] { inbox.all }

  /// Waits for the first message from number `first` on that is as described; its number and
  /// itself.
  func next(
    from first: Int = 0, _ claim: String, _ isWanted: ([String: String]) -> Bool
  ) throws -> (number: Int, message: [String: String]) {
    try inbox.next(from: first, claim, isWanted)
  }

  /// The variables by which a daemon finds it.
  func environment(watchdogMicroseconds: UInt64? = nil) -> [String] {
    ["NOTIFY_SOCKET=\(path)"] + (watchdogMicroseconds.map { ["WATCHDOG_USEC=\($0)"] } ?? [])
  }
}

/// What the thread puts in and the test takes out.
private final class Inbox: @unchecked Sendable {
  // SAFETY: everything below `lock` is touched under it only.
  private let lock = Lock()
  private let changed: Condition
  private var messages: [[String: String]] = []
  private var ended = false

  init() { changed = Condition(lock: lock) }

  var all: [[String: String]] { lock.withLock { messages } }
  var isOver: Bool { lock.withLock { ended } }

  func end() { lock.withLock { ended = true } }

  static func message(_ text: String) -> [String: String] {
    var message: [String: String] = [:]
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      message[String(parts[0])] = parts.count == 2 ? String(parts[1]) : ""
    }
    return message
  }

  func take(_ message: [String: String]) {
    lock.withLock {
      messages.append(message)
      changed.broadcast()
    }
  }

  /// Waits for the first message from number `first` on that is as described; its number and
  /// itself.
  func next(
    from first: Int = 0, _ claim: String, _ isWanted: ([String: String]) -> Bool
  ) throws -> (number: Int, message: [String: String]) {
    let deadline = Clock.monotonicNanoseconds() + 60 * 1_000_000_000
    return try lock.withLock {
      var position = first
      while true {
        while position < messages.count {
          if isWanted(messages[position]) { return (position, messages[position]) }
          position += 1
        }
        guard changed.wait(untilNanoseconds: deadline) else {
          throw TestFailure("never said: \(claim); said: \(messages.suffix(20))")
        }
      }
    }
  }
}
