// Gathers frames that are to be restored into as few jobs as possible: neighbours that share a
// source go together.

import CoherentWire

struct RestoreRun {
  let session: SessionID
  let limit: Int
  let origin: Origin
  private var pending: (first: Int, count: Int, source: FillSource)?

  init(session: SessionID, limit: Int, origin: Origin) {
    self.session = session
    self.limit = limit
    self.origin = origin
  }

  mutating func add(_ index: Int, _ source: FillSource, _ effects: inout [Effect]) {
    if let run = pending, run.source == source, run.first + run.count == index, run.count < limit {
      pending!.count += 1
    } else {
      finish(&effects)
      pending = (index, 1, source)
    }
  }

  mutating func finish(_ effects: inout [Effect]) {
    guard let run = pending else { return }
    effects.append(
      .job(
        Job(
          kind: .restore(run.source), session: session, first: run.first, count: run.count,
          origin: origin)))
    pending = nil
  }
}
