// Whose data is on the device: the sessions in the order of how much they have there, and what is
// in each state. Owners are told apart by this order: by a letter each, and by a colour.
import CoherentControl
import CoherentWire

struct MapOwners {
  struct Owner {
    var session: SessionID
    var process: Int32
    /// The process's name, if the session is still there.
    var command: String?
    var bytes: UInt64 = 0
    var pinnedBytes: UInt64 = 0

    /// `session 1, process 4711 (render)`.
    var name: String {
      "session \(session.rawValue), process \(process)"
        + (command.map { " (\(Printable.text($0)))" } ?? "")
    }
  }

  private(set) var owners: [Owner] = []
  /// Bytes in each state, all owners together.
  private(set) var bytes: [FrameState: UInt64] = [:]
  private var indices: [SessionID: Int] = [:]

  init(_ map: MapAnswer, _ sessions: [SessionReport]) {
    var found: [SessionID: Owner] = [:]
    for run in map.runs {
      let size = run.frames.multipliedReportingOverflow(by: map.frameBytes).partialValue
      bytes[run.state, default: 0] &+= size
      guard let session = run.session else { continue }
      var owner = found[session] ?? Owner(session: session, process: run.process ?? 0)
      owner.bytes &+= size
      if run.isPinned { owner.pinnedBytes &+= size }
      found[session] = owner
    }
    for report in sessions where !report.command.isEmpty {
      found[report.session]?.command = report.command
    }
    owners = found.values.sorted {
      ($1.bytes, $0.session.rawValue) < ($0.bytes, $1.session.rawValue)
    }
    for (index, owner) in owners.enumerated() { indices[owner.session] = index }
  }

  /// The place of a session in the order.
  func index(of session: SessionID?) -> Int? { session.flatMap { indices[$0] } }
}
