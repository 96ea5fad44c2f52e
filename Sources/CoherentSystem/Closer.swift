// Closes what a peer chose, on threads that nobody waits for. close(2) of a socket that lingers
// waits for its peer, so does that of a socket in whose queue such a one lies unread; that of a
// large memory file frees all of its pages; that of a userfaultfd waits for the lock of its maker's
// address space. A thread of the closers that such a peer holds is given up: it ends when it may,
// and the end of the process does not wait for it.
//
// Owned by nobody: destructors need it, so it lasts as long as the process. What may never happen:
// a call here that waits for a peer; more threads than there may be; one user's closings in all of
// them. What waits is bounded by its users' admission: who is over the bound is admitted nowhere.

import CLinux
import Glibc

package final class Closer: @unchecked Sendable {
  // SAFETY: `state` is touched only under `lock`; the rest never changes.
  package struct Limits: Sendable {
    /// For all users together.
    package var threads = 32
    /// For one user: of what it sent, and of memory that it had a share in.
    package var threadsPerUser = 4
    /// So many closings of one user may be under way or wait while none of them ends.
    package var closingsPerUser = 256
    /// Those of one user count as standing still after this.
    package var standstillNanoseconds: UInt64 = 1_000_000_000

    package init() {}
  }

  /// Of this process: descriptors and mappings with a charge come here.
  package static let shared = Closer(Limits())

  package let limits: Limits
  private let lock = Lock()
  private var state = State()

  package init(_ limits: Limits) { self.limits = limits }

  // MARK: handing over

  /// Takes a descriptor, for good.
  package func close(_ descriptor: consuming Descriptor, _ charge: ClosingCharge) {
    close(owned: descriptor.release(), charge)
  }

  /// Takes a descriptor by its number. Closed at once where that cannot wait for anybody.
  func close(owned raw: CInt, _ charge: ClosingCharge) {
    switch charge.kind {
    case .connection where Self.endsWithEmptyQueue(raw): closeOwned(raw)
    case .connection: put(.connection(raw), charge)
    case .listener: closeListener(raw)
    case .sent, .memory: put(.descriptor(raw), charge)
    }
  }

  /// Ends a listening socket, and closes those that wait in it one by one.
  private func closeListener(_ raw: CInt) {
    _ = shutdown(raw, CInt(SHUT_RDWR))
    while true {
      let waiting = clinux_accept(raw)
      if waiting < 0 { break }
      close(owned: waiting, LocalSocket.charge(ofConnection: waiting))
    }
    closeOwned(raw)
  }

  /// Takes a mapped range.
  func unmap(_ bytes: UnsafeMutableRawBufferPointer, _ charge: ClosingCharge) {
    put(.mapping(address: UInt(bitPattern: bytes.baseAddress!), lengthBytes: bytes.count), charge)
  }

  // MARK: how it stands

  /// Whether this user's closings stand still and are too many: it is not to be admitted.
  package func isOverLimit(user: UInt32) -> Bool {
    let now = Clock.monotonicNanoseconds()
    return lock.withLock { state.accounts[user].map { isOverLimit($0, now) } ?? false }
  }

  /// How many closings of this user are under way or wait.
  package func underWay(user: UInt32) -> Int {
    lock.withLock { state.accounts[user]?.count ?? 0 }
  }

  /// How many closings are under way or wait.
  package var underWay: Int {
    lock.withLock { state.accounts.values.reduce(0) { $0 + $1.count } }
  }

  /// How many threads are at it.
  package var threads: Int { lock.withLock { state.threads } }

  private func isOverLimit(_ account: Account, _ now: UInt64) -> Bool {
    if account.count >= limits.closingsPerUser * 4 { return true }
    return account.count >= limits.closingsPerUser
      && now - min(now, account.movedAtNanoseconds) >= limits.standstillNanoseconds
  }

  // MARK: what waits

  private enum Remains {
    case descriptor(CInt)
    case connection(CInt)
    case mapping(address: UInt, lengthBytes: Int)
  }

  /// What is to be closed in one user's name. Memory has threads of its own there, so that what a
  /// process of that user sent does not hold up what another of its processes had.
  private struct Account {
    var sent = Line()
    var memory = Line()
    /// When a closing ended last, or the first one came.
    var movedAtNanoseconds: UInt64

    var count: Int { sent.count + memory.count }

    mutating func take(isMemory: Bool) -> Remains {
      isMemory ? memory.take() : sent.take()
    }

    mutating func putBack(_ remains: Remains, isMemory: Bool) {
      if isMemory { memory.putBack(remains) } else { sent.putBack(remains) }
    }
  }

  private struct Line {
    var waiting: [Remains] = []
    var busy = 0

    var count: Int { waiting.count + busy }

    mutating func take() -> Remains {
      busy += 1
      return waiting.removeFirst()
    }

    mutating func putBack(_ remains: Remains) {
      busy -= 1
      waiting.insert(remains, at: 0)
    }
  }

  private struct State {
    var accounts: [UInt32: Account] = [:]
    var threads = 0
  }

  private struct Work {
    let remains: Remains
    let user: UInt32
    let isMemory: Bool
  }

  private func put(_ remains: Remains, _ charge: ClosingCharge) {
    let work = lock.withLock { () -> Work? in
      var account =
        state.accounts[charge.user]
        ?? Account(movedAtNanoseconds: Clock.monotonicNanoseconds())
      if charge.kind == .memory {
        account.memory.waiting.append(remains)
      } else {
        account.sent.waiting.append(remains)
      }
      state.accounts[charge.user] = account
      guard state.threads < limits.threads, let work = take() else { return nil }
      state.threads += 1
      return work
    }
    if let work { startThread(work) }
  }

  /// The next closing that may be begun, under the lock; nil if there is none.
  private func take() -> Work? {
    guard let (user, isMemory) = choose() else { return nil }
    return Work(
      remains: state.accounts[user]!.take(isMemory: isMemory), user: user, isMemory: isMemory)
  }

  /// Whose turn it is: a user with work for whom the fewest threads are busy.
  private func choose() -> (user: UInt32, isMemory: Bool)? {
    var best: (user: UInt32, isMemory: Bool)?
    var fewest = limits.threadsPerUser
    for (user, account) in state.accounts {
      for (line, isMemory) in [(account.memory, true), (account.sent, false)]
      where !line.waiting.isEmpty && line.busy < fewest {
        fewest = line.busy
        best = (user, isMemory)
      }
    }
    return best
  }

  // MARK: the threads

  /// Where no thread can be had, what waits does so until the next closing.
  private func startThread(_ work: Work) {
    do throws(SystemError) {
      try Thread.start(name: "closer", stackBytes: 128 * 1024) { self.run(work) }.detach()
    } catch {
      lock.withLock {
        state.threads -= 1
        state.accounts[work.user]!.putBack(work.remains, isMemory: work.isMemory)
      }
    }
  }

  private func run(_ first: Work) {
    var work = first
    while true {
      switch work.remains {
      case .descriptor(let raw): closeOwned(raw)
      case .connection(let raw):
        Self.empty(raw)
        closeOwned(raw)
      case .mapping(let address, let lengthBytes):
        // SAFETY: the range's owner gave it to us, and nobody uses it any more.
        let result = munmap(UnsafeMutableRawPointer(bitPattern: address), lengthBytes)
        invariant(result == 0, "a mapping was unmapped by somebody else")
      }
      guard let next = finish(work) else { return }
      work = next
    }
  }

  /// One closing has ended. The next one; nil when there is none for this thread, which then ends.
  private func finish(_ work: Work) -> Work? {
    lock.withLock { () -> Work? in
      var account = state.accounts[work.user]!
      if work.isMemory { account.memory.busy -= 1 } else { account.sent.busy -= 1 }
      account.movedAtNanoseconds = Clock.monotonicNanoseconds()
      state.accounts[work.user] = account.count == 0 ? nil : account
      if let next = take() { return next }
      state.threads -= 1
      return nil
    }
  }

  // MARK: connections

  /// So many messages are taken out of a queue before it is closed.
  private static let messagesAtMost = 1024

  /// Takes what lies in a connection's queue, and has the kernel close the descriptors in it. One
  /// that is closed with something in its queue resets its peer, which then may not read why.
  private static func empty(_ raw: CInt) {
    var bytes = [UInt8](repeating: 0, count: 4096)
    for _ in 0..<messagesAtMost {
      let count = recv(raw, &bytes, bytes.count, CInt(MSG_DONTWAIT))
      if count < 0 { return }
      if count == 0, (try? SocketQueue.descriptors(in: raw)) == 0 { return }
    }
  }

  /// Ends a connection, and says whether nothing lies in its queue that would be closed with it.
  /// After shutdown(2) nothing more can be sent to it, so the answer stays true.
  private static func endsWithEmptyQueue(_ raw: CInt) -> Bool {
    _ = shutdown(raw, CInt(SHUT_RDWR))
    return (try? SocketQueue.descriptors(in: raw)) == 0
  }
}
