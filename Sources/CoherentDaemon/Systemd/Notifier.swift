// What the daemon tells its supervisor goes through here, in order, and never waits: sd_notify(3)
// by hand, because libsystemd's waits for room in the supervisor's queue. Where there is none,
// messages wait in this process and are tried again by the control loop; of those that say how it
// is now only the newest waits. Descriptors for the store are copied while they wait. What may
// never happen: that one that was to be stored is lost in silence, or that a session's end leaves a
// copy waiting here.

import CoherentSystem

final class Notifier: @unchecked Sendable {
  // SAFETY: every property that varies is touched under `lock` only, and the sender by who has it.
  enum Kind: Equatable {
    /// A step of the daemon's life, each of which must arrive.
    case step
    /// How it is now: a newer one of that name makes an older one useless.
    case state(String)
    /// Descriptors for the store, and their removal from it.
    case store(name: String)
    case removal(name: String)
  }

  /// How it is going, for the log.
  struct Condition: Equatable {
    /// Messages that wait, and how many of them are to store descriptors.
    var waiting = 0
    var unstored = 0
    var sinceNanoseconds: UInt64 = 0
  }

  private struct Message {
    let kind: Kind
    let text: String
    let copies: DescriptorCopies?
  }

  /// Nil where there is no supervisor that is to be told anything.
  static let shared: Notifier? = Environment.get("NOTIFY_SOCKET").flatMap { try? Notifier($0) }

  /// More than every session and every name could have waiting.
  static let maximumWaiting = 4096

  private let lock = Lock()
  private let sender: DatagramSender
  private var waiting: [Message] = []
  private var waitingSince: UInt64 = 0
  /// Names of which at least one descriptor has been sent.
  private var storedNames: Set<String> = []
  private var failures: [String] = []

  init(_ destination: String) throws(SystemError) {
    sender = try DatagramSender(destination: destination)
  }

  // MARK: telling

  func tell(_ kind: Kind, _ text: String) {
    lock.withLock {
      sendWaiting()
      if waiting.isEmpty, send(kind, text, []) { return }
      enter(Message(kind: kind, text: text, copies: nil))
    }
  }

  /// Hands copies of descriptors over. False if they could neither be sent nor be kept for later.
  func store(_ descriptors: [CInt], name: String, _ text: String) -> Bool {
    lock.withLock {
      sendWaiting()
      let kind = Kind.store(name: name)
      if waiting.isEmpty, send(kind, text, descriptors) { return true }
      guard waiting.count < Self.maximumWaiting, let copies = DescriptorCopies(of: descriptors)
      else { return false }
      enter(Message(kind: kind, text: text, copies: copies))
      return true
    }
  }

  /// Has all of a name dropped. What of it still waits is never sent.
  func remove(name: String, _ text: String) {
    lock.withLock {
      let before = waiting.count
      waiting.removeAll { $0.kind == .store(name: name) }
      let isUnknown = waiting.count < before && !storedNames.contains(name)
      storedNames.remove(name)
      if isUnknown { return }
      sendWaiting()
      if waiting.isEmpty, send(.removal(name: name), text, []) { return }
      enter(Message(kind: .removal(name: name), text: text, copies: nil))
    }
  }

  // MARK: trying again

  /// Whether anything waits. For the control loop, which calls `retry` as long as it does.
  var hasWaiting: Bool { lock.withLock { !waiting.isEmpty } }

  func retry() { lock.withLock { sendWaiting() } }

  var condition: Condition {
    lock.withLock {
      Condition(
        waiting: waiting.count, unstored: waiting.count { $0.copies != nil },
        sinceNanoseconds: waiting.isEmpty ? 0 : waitingSince)
    }
  }

  /// What could not be told at all, in sentences; each once.
  func takeFailures() -> [String] {
    lock.withLock {
      defer { failures = [] }
      return failures
    }
  }

  /// Waits until the supervisor has taken in everything that it was told (BARRIER=1), but not
  /// beyond the deadline; false then.
  func settle(untilNanoseconds deadline: UInt64) -> Bool {
    guard let barrier = try? Pipe() else { return false }
    guard store([barrier.writeEnd.raw], name: "", "BARRIER=1") else { return false }
    let end = barrier.keepingReadEnd()
    while true {
      retry()
      let now = Clock.monotonicNanoseconds()
      guard now < deadline else { return false }
      // It closes its end when it is there; ours, which waits, closes when it was sent.
      let milliseconds = Int32(min((deadline - now) / 1_000_000 + 1, hasWaiting ? 10 : 1000))
      if Readiness.waitReadable(end.raw, timeoutMilliseconds: milliseconds) { return true }
    }
  }

  // MARK: under the lock

  private func enter(_ message: Message) {
    if waiting.isEmpty { waitingSince = Clock.monotonicNanoseconds() }
    switch message.kind {
    case .state, .removal: waiting.removeAll { $0.kind == message.kind }
    case .step, .store: break
    }
    if waiting.count >= Self.maximumWaiting {
      return fail(message.text, "too many messages wait for it")
    }
    waiting.append(message)
  }

  private func sendWaiting() {
    while let message = waiting.first {
      guard send(message.kind, message.text, message.copies?.numbers ?? []) else { return }
      waiting.removeFirst()
    }
  }

  /// Whether nothing more is to be done about it: it was sent, or can never be.
  private func send(_ kind: Kind, _ text: String, _ descriptors: [CInt]) -> Bool {
    switch sender.send(text, descriptors: descriptors) {
    case .sent:
      if case .store(let name) = kind, !name.isEmpty { storedNames.insert(name) }
    case .wouldBlock: return false
    case .closed: fail(text, "it is not there")
    case .failed(let code):
      let error = SystemError(operation: "sendmsg", code: code, context: "to the supervisor")
      if error.isTemporary { return false }
      fail(text, "\(error)")
    }
    return true
  }

  private func fail(_ text: String, _ reason: String) {
    let words = text.split(separator: "\n").prefix(2).joined(separator: " ")
    if failures.count < 16 { failures.append("the supervisor was not told \(words): \(reason)") }
  }
}

/// Copies of descriptors, closed with this.
private final class DescriptorCopies {
  let numbers: [CInt]

  /// Nil where there is no room for as many.
  init?(of descriptors: [CInt]) {
    var numbers: [CInt] = []
    for number in descriptors {
      do throws(SystemError) {
        numbers.append(try Descriptor.copy(of: number).release())
      } catch {
        for copy in numbers { _ = Descriptor(owning: copy) }
        return nil
      }
    }
    self.numbers = numbers
  }

  /// A session's, so that the last close of one may have to wait for its client.
  deinit {
    let charge = ClosingCharge(.sent, user: Process.effectiveUser)
    for number in numbers { _ = Descriptor(owning: number, charge: charge) }
  }
}
