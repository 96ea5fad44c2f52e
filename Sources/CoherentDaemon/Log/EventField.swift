// What the journal can be searched by beside the text: the names of our own fields. A name is read
// by other people's scripts and by the catalog, so it may be added, never changed.

package enum EventField: String, CaseIterable, Sendable {
  // Whom it is about.
  case clientProcess = "COHERENT_CLIENT_PID"
  case clientUser = "COHERENT_CLIENT_UID"
  case unit = "COHERENT_UNIT"
  case session = "COHERENT_SESSION"
  case allocation = "COHERENT_ALLOCATION"
  case holderProcess = "COHERENT_HOLDER_PID"
  // How much.
  case bytes = "COHERENT_BYTES"
  case availableBytes = "COHERENT_AVAILABLE_BYTES"
  case freeBytes = "COHERENT_FREE_BYTES"
  case watermarkBytes = "COHERENT_WATERMARK_BYTES"
  case limit = "COHERENT_LIMIT"
  case pins = "COHERENT_PINS"
  case sessions = "COHERENT_SESSIONS"
  case allocations = "COHERENT_ALLOCATIONS"
  case durationMilliseconds = "COHERENT_DURATION_MS"
  case times = "COHERENT_TIMES"
  // What and why.
  case blocks = "COHERENT_BLOCKS"
  case blockState = "COHERENT_BLOCK_STATE"
  case changed = "COHERENT_CHANGED"
  case kept = "COHERENT_KEPT"
  case problems = "COHERENT_PROBLEMS"
  case thread = "COHERENT_THREAD"
  case reason = "COHERENT_REASON"

  /// The value of a field that its event has nothing to say for. A field is never left out: the
  /// catalog's text would show its name instead.
  static let nothing = "none"

  /// What names a client; see `EventClient`.
  static let ofClient: [EventField] = [.clientProcess, .clientUser, .unit, .session]
}
