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

  /// At most `limit` memory blocks from `cursor` on.
  func blocks(from cursor: ReportCursor, limit: Int) -> ReportPage<BlockReport>

  /// Looks where the pages of every block with a node lie; completes as `evict` does.
  func checkBlocks(
    completion: @escaping @Sendable (Result<BlockCheckReport, ControlError>) -> Void)

  /// Makes blocks known, offline; completes as `evict` does.
  func addBlocks(
    _ order: AddBlocksOrder,
    completion: @escaping @Sendable (Result<BlockChangeReport, ControlError>) -> Void)

  /// Commits the memory of blocks and gives it out; of those that are going offline, ends that.
  /// Completes as `evict` does: either all of them are online then, or none has changed.
  func onlineBlocks(
    _ order: BlocksOrder,
    completion: @escaping @Sendable (Result<BlockChangeReport, ControlError>) -> Void)

  /// Begins to take blocks offline; completes, as `evict` does, when they are going offline.
  func offlineBlocks(
    _ order: OfflineOrder,
    completion: @escaping @Sendable (Result<BlockChangeReport, ControlError>) -> Void)

  /// Forgets blocks that are offline; completes as `evict` does.
  func removeBlocks(
    _ order: BlocksOrder,
    completion: @escaping @Sendable (Result<BlockChangeReport, ControlError>) -> Void)

  /// What `offlineBlocks` would do, in the order of the blocks' numbers. Changes nothing.
  func planOffline(_ order: OfflineOrder) throws(ControlError) -> [OfflinePlanReport]

  /// A part of the map: at most `query.limit` runs from its cursor on.
  func map(_ query: MapQuery) -> MapReport

  /// Which part of the time was lost to waiting for the device.
  func pressure() -> PressureReport

  /// Where an allocation is and why. Throws `noSuchSession` and `noSuchAllocation`.
  func why(_ query: WhyQuery) throws(ControlError) -> WhyReport

  /// At most `limit` of the events with a number above `cursor`, the oldest first. From the start
  /// on these are all that are remembered, and none counts as dropped. Whoever adds an event calls
  /// `ControlServer.wakeFollowers` afterwards.
  func events(after cursor: ReportCursor, limit: Int) -> EventPage

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
