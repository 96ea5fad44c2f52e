// What sort of pin it is, as a word. An open set, as `ReportState` is.

package struct PinKind: RawRepresentable, Hashable, Codable, Sendable {
  package let rawValue: String
  package init(rawValue: String) { self.rawValue = rawValue }

  /// A lease that was asked of the daemon.
  package static let request = PinKind(rawValue: "request")
  /// Taken by the client itself, in shared memory; the daemon finds it by looking.
  package static let fast = PinKind(rawValue: "fast")
  /// In host memory, until it is given back.
  package static let longTerm = PinKind(rawValue: "long-term")
}
