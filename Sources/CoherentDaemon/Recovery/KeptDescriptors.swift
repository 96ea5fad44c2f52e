// What the supervisor passed to this daemon, sorted by name: sockets to listen on, and what the
// daemon before had stored. Each descriptor has an owner from here on; what nobody knows is dropped
// from the store and closed, so that it does not come back for ever.

import CoherentSystem

/// The descriptors of one session, as far as they came.
final class KeptSession {
  // SAFETY: used by the thread that starts the daemon only; taken out one by one.
  let id: UInt32
  var socket: LocalSocket?
  var fault: Userfault?
  var files: [UInt64: KeptFile] = [:]
  /// Something came that no session has, or twice.
  private(set) var isOdd = false

  init(id: UInt32) { self.id = id }

  func add(_ descriptor: consuming Descriptor) {
    do throws(SystemError) {
      switch descriptor.kind() {
      case .socket where socket == nil:
        socket = LocalSocket(adopting: descriptor.charged(.ofNobody(.connection)))
      case .userfault where fault == nil:
        fault = try Userfault(adopting: descriptor.charged(.ofNobody(.sent)))
      case .memoryFile:
        let inode = try descriptor.inode()
        files[inode] = KeptFile(
          try MemoryFile(descriptor: descriptor.charged(.ofNobody(.memory))))
      case let kind:
        _ = descriptor.charged(.ofNobody(kind == .socket ? .connection : .sent))
        isOdd = true
      }
    } catch {
      isOdd = true
    }
  }
}

/// A memory file in a collection, which takes no value that cannot be copied.
final class KeptFile {
  private var file: MemoryFile?

  init(_ file: consuming MemoryFile) { self.file = consume file }

  /// Nil, and closed, if it is no memory file.
  convenience init?(_ descriptor: consuming Descriptor) {
    do throws(SystemError) {
      self.init(try MemoryFile(descriptor: descriptor))
    } catch {
      return nil
    }
  }

  func take() -> MemoryFile? { file.take() }
}

struct KeptDescriptors {
  /// By their names, for `Listening`.
  private(set) var sockets: [String: CInt] = [:]
  private(set) var region: KeptFile?
  private(set) var ledger: KeptFile?
  private(set) var sessions: [UInt32: KeptSession] = [:]
  /// Names that were not known.
  private(set) var strangers: [String] = []

  /// Takes ownership of every descriptor. `socketNames` are those of sockets to listen on.
  init(_ passed: [(name: String, descriptor: CInt)], socketNames: Set<String>) {
    for (name, number) in passed {
      if socketNames.contains(name) {
        sockets[name] = number
        continue
      }
      let descriptor = Descriptor(owning: number)
      if name == SessionKeeper.regionName {
        region = KeptFile(descriptor)
      } else if name == SessionKeeper.ledgerName {
        ledger = KeptFile(descriptor)
      } else if let id = SessionKeeper.session(ofName: name) {
        let session = sessions[id] ?? KeptSession(id: id)
        session.add(descriptor)
        sessions[id] = session
      } else {
        strangers.append(name)
      }
    }
  }

  /// Whether a daemon before this one left anything.
  var isEmpty: Bool { region == nil && ledger == nil && sessions.isEmpty }

  /// Lets go of all but the sockets: whoever still holds the other ends sees a hang-up.
  mutating func dropAll() {
    for id in sessions.keys { DescriptorStore.remove(name: SessionKeeper.name(of: id)) }
    DescriptorStore.remove(name: SessionKeeper.regionName)
    DescriptorStore.remove(name: SessionKeeper.ledgerName)
    sessions = [:]
    region = nil
    ledger = nil
  }

  /// Lets go of one session.
  mutating func drop(_ id: UInt32) {
    DescriptorStore.remove(name: SessionKeeper.name(of: id))
    sessions[id] = nil
  }
}
