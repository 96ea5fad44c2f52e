// What the administration module asks of the daemon, which implements it. The calls come from the
// control server's own thread, never from the daemon's control loop: an implementation takes the
// core's lock for one short look, and never waits for a client.
import CoherentWire

package protocol ControlSource: Sendable {
  /// Everything at one moment; cheap enough for a call every second.
  func status() -> StatusReport

  /// At most `limit` sessions from `cursor` on. A session that begins or ends between two pages
  /// may be in the list or not; one that lasts is in it once.
  func sessions(from cursor: ReportCursor, limit: Int) -> ReportPage<SessionReport>

  /// At most `limit` allocations from `cursor` on, of one session or of all. Throws
  /// `noSuchSession` when the first page is asked for; a session that ends later ends the list.
  func allocations(
    of session: SessionID?, from cursor: ReportCursor, limit: Int
  ) throws(ControlError) -> ReportPage<AllocationReport>

  /// At most `limit` pins from `cursor` on: of one session, of one process, or all. Throws
  /// `noSuchSession` as `allocations` does.
  func pins(
    _ query: PinsQuery, from cursor: ReportCursor, limit: Int
  ) throws(ControlError) -> ReportPage<PinReport>

  /// Evicts until the order is fulfilled, nothing more can be evicted, or its time is over.
  /// Calls `completion` exactly once, on any thread, before or after it has returned, and at the
  /// latest soon after the order's timeout.
  func evict(
    _ order: EvictionOrder,
    completion: @escaping @Sendable (Result<EvictionReport, ControlError>) -> Void)

  /// Reads the configuration again; completes as `evict` does. A configuration with mistakes is
  /// `refused`, and changes nothing.
  func reload(completion: @escaping @Sendable (Result<ReloadReport, ControlError>) -> Void)

  /// Migrates one allocation; completes as `evict` does.
  func migrate(
    _ order: MigrationOrder,
    completion: @escaping @Sendable (Result<MigrationReport, ControlError>) -> Void)
}
