// One client as the simulator plays it: what it was given, what it asked for and not heard of, and
// its threads, each of which stands on one frame until it could read or write it.

import CoherentCore
import CoherentShared
import CoherentWire

struct SimulatedClient {
  struct Asked {
    var number: RequestID
    var request: Request
    var deadline: Instant
  }

  struct Given {
    var handle: HandleID
    var frames: Range<Int>
    /// Discards of it under way: nobody looks at it meanwhile.
    var discards = 0
  }

  struct Held {
    var pin: PinID
    var handle: HandleID
    var frames: Range<Int>
    var deadline: Instant
    var isLongTerm = false
  }

  /// A pin that no request was sent for.
  struct FastPin {
    var handle: HandleID
    var frames: Range<Int>
    var token: ControlWord.Token
    var since: Instant
  }

  struct Thread {
    enum State { case idle, accessing, faulted, waiting }
    var state = State.idle
    var frame = 0
    var isWrite = false
  }

  let id: SessionID
  let user: UserID
  var isAttached = false
  var isEnding = false
  var memory: SimulatedMemory
  var pager = SimulatedPager()
  var asked: [Asked] = []
  var given: [Given] = []
  var held: [Held] = []
  var expired: [Held] = []
  /// Of those that expired, those that it has asked about.
  var told: [Held] = []
  var fast: [FastPin] = []
  /// Tokens of pins that have ended, and that the client tries all the same.
  var staleFast: [FastPin] = []
  /// It writes into its control words what it likes.
  let isHostile: Bool
  var threads: [Thread]
  var nextNumber: UInt64 = 1

  init(id: SessionID, user: UserID, frames: Int, threads: Int, isHostile: Bool) {
    self.id = id
    self.user = user
    self.isHostile = isHostile
    memory = SimulatedMemory(frames: frames)
    self.threads = Array(repeating: Thread(), count: threads)
  }

  func isBusy(_ frames: Range<Int>) -> Bool {
    threads.contains { $0.state != .idle && frames.contains($0.frame) }
  }

  /// Threads that stand on one of the frames look again.
  mutating func wake(_ range: Range<Int>) {
    for index in threads.indices
    where threads[index].state == .waiting && range.contains(threads[index].frame) {
      threads[index].state = .accessing
    }
  }
}
