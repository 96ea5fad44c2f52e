// What a program begins with: one client per process is enough, for any number of threads. It maps
// its arena once; it prints nothing, installs no signal handler, and starts one thread, which
// sleeps until the daemon is gone.

import CoherentSystem
import CoherentWire

/// A connection to coherentd, and the memory that was allocated through it.
///
/// All threads of a process may use one client at once. The memory lives until it is freed, or
/// until the client is closed, or until the client and all its buffers and pins are gone, or until
/// the process ends, however it ends.
///
/// If the daemon dies or is stopped, and no other one takes its place within its service, the
/// program keeps its data: every buffer becomes ordinary memory of the process, where it is.
/// Threads that waited for the daemon go on. A pin of such a buffer succeeds and holds, `query`
/// says host, `free` gives the memory back; what needs a daemon throws `notConnected`. Meanwhile
/// the client looks for another daemon at the same path; as soon as there is one, `allocate` works
/// again. Memory that could not be brought back, and all of it where the daemon ended the
/// connection for misbehaviour, gets SIGBUS when it is touched: never zeros.
///
/// After `fork` the child cannot use its parent's client: every call throws `notConnected`, and an
/// access to a buffer's memory ends the child with SIGSEGV. It makes a client of its own.
public final class Client: Sendable {
  private let succession: Succession

  /// What calls go to.
  var session: Session { succession.current }

  /// Where a daemon listens unless it was told otherwise: the environment variable
  /// COHERENTD_SOCKET, or /run/coherentd/coherentd.socket.
  public static var defaultSocketPath: String {
    Environment.get("COHERENTD_SOCKET") ?? "/run/coherentd/coherentd.socket"
  }

  /// Connects, maps the arena and hands its page faults over to the daemon.
  ///
  /// Throws `notConnected` where no daemon listens, `notPermitted` where this user may not use the
  /// socket, or this process cannot make a userfaultfd, `overLimit` where the daemon takes no more
  /// clients, or where descriptors or threads have run out, the daemon's or this process's,
  /// `outOfHostMemory` where address space or memory has, `protocolViolation` where the two do not
  /// understand each other. Waits 10 seconds at most.
  public init(socketPath: String = Client.defaultSocketPath) throws(CoherentError) {
    do throws(Refusal) {
      succession = try Thread.withoutCancellation { () throws(Refusal) -> Succession in
        let session = try Handshake(path: socketPath).perform()
        return try Self.begin(session, socketPath: socketPath)
      }
    } catch {
      throw CoherentError(error, socketPath: socketPath)
    }
  }

  /// Over a socket that is connected already, which it takes over: it cannot connect again. A reply
  /// that has not come this long after its request's own timeout is not waited for.
  package init(
    socket: consuming LocalSocket,
    marginMilliseconds: UInt32 = Connection.usualMarginMilliseconds
  ) throws(CoherentError) {
    do throws(Refusal) {
      let handshake = Handshake(socket: socket, marginMilliseconds: marginMilliseconds)
      succession = try Self.begin(try handshake.perform(), socketPath: nil)
    } catch {
      throw CoherentError(error)
    }
  }

  private static func begin(
    _ session: Session, socketPath: String?
  ) throws(Refusal) -> Succession {
    do throws(SystemError) {
      return try Succession(session, socketPath: socketPath)
    } catch {
      throw Refusal(local: error, else: .notConnected, .transportFailed)
    }
  }

  /// Allocates memory that reads as zeros. Its address never changes until it is freed.
  ///
  /// - Parameters:
  ///   - bytes: At least 1. The device gives whole frames.
  ///   - alignment: Of the address, a power of two, up to 1 GiB and to half the arena; 0 means
  ///     that of a frame.
  ///   - priority: What has less is evicted first; 128 is usual.
  ///   - timeout: How long to wait for others to give way.
  ///
  /// Throws `outOfDeviceMemory`, `outOfHostMemory`, `overLimit`, `timedOut` (naming who was in the
  /// way), `invalidRange` for arguments that can never be right. One round trip.
  public func allocate(
    bytes: Int, alignment: Int = 0, priority: UInt8 = 128, timeout: Duration = .seconds(10)
  ) throws(CoherentError) -> Buffer {
    let session = session
    let arena = try session.heldArena()
    guard bytes > 0 else { throw CoherentError(.invalidRange, .zeroLength) }
    let isPowerOfTwo = alignment >= 0 && alignment.nonzeroBitCount <= 1
    guard isPowerOfTwo, UInt64(alignment) <= arena.alignmentBytes else {
      throw CoherentError(
        Refusal(
          .invalidRange, .badAlignment, asked: UInt64(bitPattern: Int64(alignment)),
          limit: arena.alignmentBytes))
    }
    let timeoutMilliseconds = try session.timeoutMilliseconds(timeout)
    let reply = try session.call(
      .allocate(
        sizeBytes: UInt64(bytes), alignmentBytes: UInt64(alignment),
        timeoutMilliseconds: timeoutMilliseconds, priority: priority),
      timeoutMilliseconds: timeoutMilliseconds)
    guard case .allocated(let handle, let offset, let size, let resetsRange) = reply else {
      unreachableReply(reply)
    }
    guard size >= UInt64(bytes), offset % UInt64(session.frameBytes) == 0,
      alignment == 0 || offset % UInt64(alignment) == 0,
      offset <= UInt64(arena.sizeBytes), size <= UInt64(arena.sizeBytes) - offset,
      handle.controlSlot.rawValue < session.words.count
    else { throw CoherentError(.protocolViolation, .badField, asked: 24) }
    if resetsRange {
      try reset(session, arena, offsetBytes: Int(offset), lengthBytes: Int(size), handle)
    }
    return Buffer(
      session: session, handle: handle,
      bytes: UnsafeMutableRawBufferPointer(start: arena.base + Int(offset), count: bytes))
  }

  /// The device's state and this client's use of it. One round trip.
  public func statistics() throws(CoherentError) -> Statistics {
    let reply = try session.call(.statistics)
    guard case .statistics(let answer) = reply else { unreachableReply(reply) }
    return Statistics(answer)
  }

  /// The size of a frame, the unit of placement and migration.
  public var frameBytes: Int { session.frameBytes }

  /// Whether system calls can be handed memory that was evicted, and wait for it as a load does.
  ///
  /// If not (user mode only), such a call fails with EFAULT: pin the range before `read`, `write`,
  /// `send` and the like. Loads and stores of the program itself always work.
  public var isFullMode: Bool { session.isFullMode }

  /// The longest lease that the daemon grants.
  public var maximumLease: Duration {
    .milliseconds(Int64(session.welcome.maximumLeaseMilliseconds))
  }

  /// Whether there is a daemon, as far as is known.
  public var isConnected: Bool { session.connection.endReason == nil }

  /// Frees everything and ends the connection, for all threads: calls under way throw
  /// `notConnected`, and an access to any buffer's memory is an access to unmapped memory. Closing
  /// again does nothing.
  public func close() { Thread.withoutCancellation { succession.close() } }

  /// Drops what poisoned page-table entries a new allocation inherited. If that fails the memory
  /// cannot be used, and is given back.
  private func reset(
    _ session: Session, _ arena: Arena, offsetBytes: Int, lengthBytes: Int, _ handle: HandleID
  ) throws(CoherentError) {
    do throws(SystemError) {
      try arena.dropPages(offsetBytes: offsetBytes, lengthBytes: lengthBytes)
    } catch {
      _ = try session.call(.free(handle))
      throw CoherentError(Refusal(local: error, else: .outOfHostMemory, .localMappingFailed))
    }
  }
}
