// The state of the daemon and of a session, as a word. An open set: a tool that meets a word from
// a newer daemon prints it and goes on.

package struct ReportState: RawRepresentable, Hashable, Codable, Sendable {
  package let rawValue: String
  package init(rawValue: String) { self.rawValue = rawValue }

  /// The daemon serves requests.
  package static let running = ReportState(rawValue: "running")
  /// The daemon gives the clients' data back and ends.
  package static let stopping = ReportState(rawValue: "stopping")

  /// The session has connected, its arena is not attached yet.
  package static let connecting = ReportState(rawValue: "connecting")
  /// The session's arena is attached; its faults are served.
  package static let active = ReportState(rawValue: "active")
  /// The session's client has gone; what it held is being given back.
  package static let ending = ReportState(rawValue: "ending")
}
