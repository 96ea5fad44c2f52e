// What a client of `daemon-crash` found, since it was started.

struct SurvivalReport: Codable, Equatable, Sendable {
  var bytesLost = 0
  var updatesLost = 0
  var updates = 0
  /// Calls of the library that were answered.
  var calls = 0
  /// Allocations that the daemon has and the client has not, or the other way round; memory that
  /// two allocations share, or that was not fresh.
  var discrepancies = 0
  /// How long one step of a writer, and one call, took at most.
  var longestPauseMilliseconds = 0.0
  var longestCallMilliseconds = 0.0
  /// Which call that was.
  var longestCall = ""
}
