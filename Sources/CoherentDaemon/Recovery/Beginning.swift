// What the daemon begins with: nothing but a committed region, or everything that the one before it
// had. Both end in the same parts, so that nothing after this asks which it was.

import CoherentCore
import CoherentShared
import CoherentSystem
import CoherentWire

final class Beginning {
  // SAFETY: used by the thread that starts the daemon only.
  let configuration: Configuration
  let reading: ConfigurationReading
  let region: RegionFile
  private var core: Core?
  /// Nil where nothing outlives the daemon.
  let keeper: SessionKeeper?
  private var adopted: [AdoptedSession]
  private var lost: [LostSession]
  /// How many bytes the clients of adopted sessions have, in arenas and host stores.
  let adoptedBytes: UInt64
  /// What is wrong with the configuration, in short; nil if nothing is.
  var complaint: String?

  private init(
    _ configuration: Configuration, _ reading: ConfigurationReading, _ region: RegionFile,
    _ core: Core, _ keeper: SessionKeeper?, _ adopted: [AdoptedSession] = [],
    _ lost: [LostSession] = []
  ) {
    self.configuration = configuration
    self.reading = reading
    self.region = region
    self.core = core
    self.keeper = keeper
    self.adopted = adopted
    self.lost = lost
    adoptedBytes = adopted.reduce(0) { $0 + $1.leftovers.keptBytes }
  }

  /// The sessions that go on, none at a clean start. Given away, since what they hold of an ended
  /// session would be held for ever here.
  func takeAdopted() -> [AdoptedSession] {
    defer { adopted = [] }
    return adopted
  }

  /// The sessions that cannot be gone on with although their clients live; given away as well.
  func takeLost() -> [LostSession] {
    defer { lost = [] }
    return lost
  }

  /// The core, whose one owner is the engine; once.
  func takeCore() -> Core { core.take()! }

  // MARK: a clean start

  static func clean(_ reading: ConfigurationReading, _ log: Log) throws -> Beginning {
    guard let configuration = reading.configuration else {
      throw BeginningFault.unusableConfiguration(reading.problems.map(\.description))
    }
    let geometry = RegionGeometry(configuration)
    let nodes = DeviceNodes()
    let kind = try configuration.node.map { try nodes.kind(ofNode: $0) } ?? .unbound
    try configuration.hugePages.check()
    let file = try RegionFile.create(geometry, blocks: configuration.blocks, kind, nodes)
    let keeper =
      DescriptorStore.isThere
      ? try SessionKeeper(geometry: geometry, regionInode: try file.descriptor.inode()) : nil
    let region = try RegionFile(
      filling: file, geometry, blocks: configuration.blocks, kind, nodes, configuration.hugePages,
      ledger: keeper?.ledger, ThreadPlacement(nodes, log))
    if let keeper {
      for block in 0..<configuration.blocks {
        keeper.ledger.note(
          LedgerBlock(
            BlockRecord(state: .online, kind: kind), node: nodes.node(of: kind).map { UInt16($0) }),
          at: block)
      }
      guard region.keep(keeper) else { throw BeginningFault.noDescriptors }
    }
    var coreConfiguration = CoreConfiguration(
      configuration, sessionsAtMost: keeper == nil ? .max : DescriptorStore.maximumSessions)
    coreConfiguration.startingKind = kind
    keeper?.ledger.note(hostFrames: coreConfiguration.hostLimitFrames)
    return Beginning(configuration, reading, region, Core(coreConfiguration), keeper)
  }

  // MARK: going on

  /// Goes on with what is left of another daemon. Sessions that cannot be gone on with are dropped,
  /// each for itself.
  static func goingOn(
    _ inheritance: Inheritance, _ kept: inout KeptDescriptors, _ reading: ConfigurationReading,
    _ log: Log
  ) throws -> Beginning {
    let ledger = inheritance.ledger
    ledger.beginGeneration()
    let fitting = reading.keeping(
      RegionGeometry(ledger.geometry), blocks: inheritance.blocks.count { $0.state != 0 },
      pageSizeBytes: UInt64(PageSize.bytes))
    for sentence in fitting.sentences { log.warning(sentence) }
    guard let configuration = fitting.reading.configuration else {
      throw BeginningFault.unusableConfiguration(fitting.reading.problems.map(\.description))
    }
    var adopted: [AdoptedSession] = []
    var lost: [LostSession] = []
    for entry in inheritance.entries {
      do throws(AdoptionFault) {
        adopted.append(
          try AdoptedSession(entry, inheritance.sessions[entry.id], ledger.geometry))
      } catch {
        if case .damaged(let session) = error { lost.append(session) }
        drop(entry.id, "\(error)", &kept, ledger, log)
      }
    }
    let blocks = inheritance.blocks.map { BlockRecord($0) }
    var filled = ledger.filled(blocks: blocks.count)
    for (block, record) in blocks.enumerated() where !record.state.isCounted {
      let frames = ledger.geometry.blockFrames
      for index in block * frames..<(block + 1) * frames { filled[index] = false }
    }
    let nodes = DeviceNodes()
    for block in inheritance.blocks {
      if let node = block.node { nodes.adopt(MemoryKind(rawValue: block.kind), node: Int(node)) }
    }
    let region = try RegionFile(
      adopting: inheritance.region.take()!, ledger, filled: filled, nodes, configuration.hugePages)
    let core = makeCore(configuration, &adopted, blocks, filled, &kept, ledger, &lost, log)
    ledger.note(hostFrames: core.configuration.hostLimitFrames)
    let beginning = Beginning(
      configuration, fitting.reading, region, core,
      SessionKeeper(adopting: ledger, file: inheritance.ledgerFile.take()!), adopted,
      lost)
    if !reading.problems.isEmpty {
      beginning.complaint =
        "the configuration has mistakes that are left out, problems: \(reading.problems.count)"
    }
    return beginning
  }

  private static func makeCore(
    _ configuration: Configuration, _ adopted: inout [AdoptedSession], _ blocks: [BlockRecord],
    _ filled: [Bool], _ kept: inout KeptDescriptors, _ ledger: Ledger,
    _ lost: inout [LostSession], _ log: Log
  ) -> Core {
    let coreConfiguration = CoreConfiguration(
      configuration, sessionsAtMost: DescriptorStore.maximumSessions)
    while true {
      do throws(RecoveryFault) {
        return try Core.recovered(
          coreConfiguration, adopted.map(\.recovered), blocks: blocks, filled: filled,
          nextSession: ledger.nextSession, hostFrames: ledger.hostFrames,
          Instant(nanoseconds: Clock.monotonicNanoseconds()))
      } catch {
        for session in adopted where session.id == error.session {
          lost.append(LostSession(session, ledger.geometry, error.description))
        }
        drop(error.session.rawValue, error.description, &kept, ledger, log)
        adopted.removeAll { $0.id == error.session }
      }
    }
  }

  /// Lets a session go. Its client sees a hang-up, and brings its data back by itself.
  private static func drop(
    _ id: UInt32, _ reason: String, _ kept: inout KeptDescriptors, _ ledger: Ledger, _ log: Log
  ) {
    log.warning("session \(id) ended with the daemon before this one: \(reason)")
    ledger.remove(session: id)
    kept.drop(id)
  }
}

enum BeginningFault: Error, CustomStringConvertible {
  case unusableConfiguration([String])
  case noDescriptors

  var description: String {
    switch self {
    case .unusableConfiguration(let problems):
      "the configuration cannot be used: "
        + problems.joined(separator: "; ")
    case .noDescriptors: "the region cannot be kept for the next daemon: no descriptors are left"
    }
  }
}
