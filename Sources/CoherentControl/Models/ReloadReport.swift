// What `Reload` did: sentences for people, one for each setting. A reload that was refused has
// changed nothing, and is an error.

package struct ReloadReport: Equatable, Sendable, Codable {
  /// In effect from now on.
  package var changed: [String] = []
  /// Wanted by the files, and of no effect until the daemon is restarted.
  package var waiting: [String] = []

  package init() {}

  enum CodingKeys: String, CodingKey, CaseIterable { case changed, waiting }
}
