// Gathers frames that are to be restored into as few jobs as possible: neighbours that share a
// source and a target go together.

import CoherentWire

/// From where to where a frame's contents are brought.
struct Fill: Equatable {
  var source: FillSource
  var target: FillTarget
}

struct RestoreRun {
  let session: SessionID
  let limit: Int
  let origin: Origin
  private var pending: (first: Int, count: Int, fill: Fill)?

  init(session: SessionID, limit: Int, origin: Origin) {
    self.session = session
    self.limit = limit
    self.origin = origin
  }

  mutating func add(_ index: Int, _ fill: Fill, _ effects: inout [Effect]) {
    if let run = pending, run.fill == fill, run.first + run.count == index, run.count < limit {
      pending!.count += 1
    } else {
      finish(&effects)
      pending = (index, 1, fill)
    }
  }

  mutating func finish(_ effects: inout [Effect]) {
    guard let run = pending else { return }
    effects.append(
      .job(
        Job(
          kind: .restore(run.fill.source), session: session, first: run.first, count: run.count,
          target: run.fill.target, origin: origin)))
    pending = nil
  }
}
