// Migrations. Each step of an eviction leaves one valid copy behind it: until the commit the arena
// is valid and nobody can write to it, from the commit on the host store is.

import CoherentCore
import CoherentSystem
import CoherentWire

extension Pager {
  func perform(_ job: Job) {
    let offset = UInt64(job.first) * frameBytes
    let length = UInt64(job.count) * frameBytes
    let outcome: JobOutcome
    switch job.kind {
    case .evict(let copies): outcome = evict(job, offset, length, copies: copies)
    case .restore(let source): outcome = restore(offset, length, source, job.target)
    case .discard, .release:
      KillPoint.reached(.beforeDiscard)
      session.punch(offset, length, heartbeat)
      KillPoint.reached(.betweenDiscards)
      dropCopies(offset, length)
      KillPoint.reached(.afterDiscard)
      outcome = .done
    }
    performer.engine.step(&effects) { core, now, effects in
      core.completed(job, outcome, now, &effects)
    }
    reachedEnd(of: job)
    switch job.kind {
    case .restore where outcome == .done:
      // What cannot be mapped now is mapped when it is touched.
      if range.map(offset, length, writeProtected: false) == .later {
        range.wake(offset, length)
      }
    default:
      range.wake(offset, length)
    }
    performer.perform(&effects, current: session)
  }

  private func reachedEnd(of job: Job) {
    switch job.kind {
    case .evict: KillPoint.reached(.afterEvict)
    case .restore: KillPoint.reached(.afterRestore)
    case .discard, .release: break
    }
  }

  /// Write-protect, copy out, say so, punch. The host store's copy is complete and named before the
  /// arena's is gone.
  private func evict(
    _ job: Job, _ offset: UInt64, _ length: UInt64, copies: Bool
  ) -> JobOutcome {
    if copies {
      KillPoint.reached(.beforeProtect)
      guard range.protect(offset, length, on: true) else { return .failed }
      KillPoint.reached(.beforeCopyOut)
      do throws(SystemError) {
        try allocating(for: .host) { () throws(SystemError) in
          try copier.copyOut(offset, length)
        }
      } catch {
        reportMissingMemory("cannot evict: \(error)")
        _ = range.protect(offset, length, on: false)
        return .failed
      }
    }
    KillPoint.reached(.afterCopyOut)
    session.table.noteStored(job.first..<job.end)
    KillPoint.reached(.beforePunch)
    session.punch(offset, length, heartbeat)
    KillPoint.reached(.afterPunch)
    return .done
  }

  func reportMissingMemory(_ reason: String) {
    performer.log.event(.hostMemoryMissing, client: session.peer.process, of: session.peer.user) {
      .hostMemoryMissing(session.client, reason: reason)
    }
  }

  /// Gives the host store's memory of a run back to the host.
  func dropCopies(_ offset: UInt64, _ length: UInt64) {
    session.punch(session.layout.storeOffset(of: offset), length, heartbeat)
    copier.forgetCopies(offset, length)
  }

  private func restore(
    _ offset: UInt64, _ length: UInt64, _ source: FillSource, _ target: FillTarget
  ) -> JobOutcome {
    KillPoint.reached(.beforeRestore)
    do throws(SystemError) {
      try fill(offset, length, from: source, target)
      KillPoint.reached(.afterRestoreCopy)
      return .done
    } catch {
      reportMissingMemory("cannot restore: \(error)")
      session.punch(offset, length, heartbeat)
      return .failed
    }
  }

  /// Punches a run of copies that are out of date. Returns for how long to wait for work then, in
  /// milliseconds, -1 for ever.
  func dropStaleCopies() -> Int32 {
    let id = session.id
    let stale = performer.engine.look { core, now in core.takeStaleCopies(id, now) }
    let frames: Range<Int>
    switch stale {
    case .none: return -1
    case .keep: return Int32(Core.staleMilliseconds)
    case .drop(let range): frames = range
    }
    let offset = UInt64(frames.lowerBound) * frameBytes
    dropCopies(offset, UInt64(frames.count) * frameBytes)
    performer.engine.look { core, _ in core.droppedCopies(id, frames) }
    return 0
  }
}
