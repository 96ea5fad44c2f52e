// The end of what a session held: its memory is given back, in steps, each of which is of use at
// once, by the pager or, where that hangs, by a thread for it alone. Both may be held up by the
// client, whose file it is; nobody waits for them. What they have not given back yet is counted as
// withheld.

import CoherentCore
import CoherentSystem

extension ClientSession {
  /// Four MiB at first: others wait for the memory. The file of a client that holds up each call is
  /// given back with as few of them as can be.
  private static let stepBytes: UInt64 = 4 << 20
  private static let longCallNanoseconds: UInt64 = 250_000_000

  /// Gives back everything the session held. Needs the client's address space for nothing. The
  /// caller has claimed it, on a thread of this session.
  func release(_ thread: Heartbeat) {
    var effects: [Effect] = []
    let frameBytes = performer.frameBytes
    while performer.engine.step(
      &effects,
      { core, now, effects in
        core.releaseReservations(id, limit: Self.reservationsAtATime, now, &effects)
      })
    { performer.perform(&effects) }
    performer.perform(&effects)
    var limit = max(Int(Self.stepBytes / frameBytes), 1)
    while let range = performer.engine.look({ core, _ in core.releaseNext(id, limit: limit) }) {
      let offset = UInt64(range.lowerBound) * frameBytes
      let length = UInt64(range.count) * frameBytes
      let began = Clock.monotonicNanoseconds()
      punch(offset, length, thread)
      punch(layout.storeOffset(of: offset), length, thread)
      if Clock.monotonicNanoseconds() - began > Self.longCallNanoseconds {
        limit = min(limit * 64, 1 << 24)
      }
      thread.beat()
      performer.engine.step(&effects) { core, now, effects in
        core.released(id, range, now, &effects)
      }
      performer.perform(&effects)
    }
    emptyFile(thread)
    concludeRelease()
  }

  /// Gives back what the client committed in its file by itself, in steps: the last close of the
  /// file would do it in one piece.
  private func emptyFile(_ thread: Heartbeat) {
    guard let bytes = try? memory.file.committedBytes(), bytes > layout.controlBytes else { return }
    let end = layout.controlOffset
    let page = UInt64(PageSize.bytes)
    let step = max(Self.emptyingStepBytes, (end / Self.emptyingSteps + page - 1) / page * page)
    for offset in stride(from: 0, to: end, by: Int(step)) {
      punch(offset, min(step, end - offset), thread)
      thread.beat()
    }
  }

  /// 64 MiB take the kernel some 20 ms where all of it is there.
  private static let emptyingStepBytes: UInt64 = 64 << 20
  /// No more than these, however long the arena is.
  private static let emptyingSteps: UInt64 = 4096

  private static let reservationsAtATime = 4096

  /// Nothing is left that it held.
  func concludeRelease() {
    var effects: [Effect] = []
    performer.engine.step(&effects) { core, now, effects in core.ended(id, now, &effects) }
    performer.perform(&effects)
    performer.mailbox.post(.pagerFinished(self))
  }

  /// Releases it on a thread for that alone. False if there is none to be had now.
  func releaseApart() -> Bool {
    apart("release") { session in
      guard session.claimRelease() else { return }
      session.releaseHeartbeat.work()
      session.release(session.releaseHeartbeat)
      session.releaseHeartbeat.rest()
    }
  }

  /// Tells the kernel to serve the client's arena from its file alone, and to wake whoever waits in
  /// it: a client's thread that waits for a page, with the file's lock held, goes on and gives the
  /// lock back. Only where the session is over: it may read zeros where its data was. On a thread
  /// for that alone, since it takes locks of the client's address space. False if there is none.
  func rescue() -> Bool {
    apart("rescue") { session in
      session.pager?.range.rescue()
    }
  }

  private func apart(
    _ name: String, _ body: @escaping @Sendable (ClientSession) -> Void
  ) -> Bool {
    do throws(SystemError) {
      try Thread.start(name: "\(name)-\(id.rawValue)") { body(self) }.detach()
      return true
    } catch {
      performer.log.aboutClient("apart", .warning, "session \(id.rawValue): \(error)")
      return false
    }
  }

  /// Gives memory of the session's file back to the host. The file is ours and sealed: it cannot
  /// fail for any reason that a client could cause.
  func punch(_ offsetBytes: UInt64, _ lengthBytes: UInt64, _ thread: Heartbeat) {
    do throws(SystemError) {
      try memory.file.punch(offsetBytes: offsetBytes, lengthBytes: lengthBytes, thread)
    } catch {
      performer.log.aboutClient("punch", .error, "session \(id.rawValue): \(error)")
    }
  }
}
