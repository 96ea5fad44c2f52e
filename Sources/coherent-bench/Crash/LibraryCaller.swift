// A thread that allocates, pins, moves and frees by the library, and keeps its own book of what it
// must have: memory that is new reads as zeros and is nobody else's, and what was written to it
// stays until it is freed.

import Coherent
import CoherentSystem

final class LibraryCaller: @unchecked Sendable {
  // SAFETY: its thread uses it while the gate is open, the main thread while it is closed; the gate
  // orders the two.
  private struct Entry {
    let buffer: Buffer
    let mark: UInt64

    var addresses: Range<Int> {
      let start = Int(bitPattern: buffer.bytes.baseAddress)
      return start..<start + buffer.count
    }
  }

  private let client: Client
  private var live: [Entry] = []
  private var random: SeededGenerator
  private var lostBytes = 0
  private(set) var discrepancies = 0
  private(set) var calls = 0
  private(set) var failure: String?
  private(set) var longestCall = ""
  private var longestNanoseconds: UInt64 = 0

  private static let mostLive = 24
  private static let largestBytes = 256 << 10

  init(_ client: Client, seed: UInt64) {
    self.client = client
    random = SeededGenerator(seed: seed ^ 0xca11)
  }

  var liveCount: Int { live.count }
  var longestCallMilliseconds: Double { Double(longestNanoseconds) / 1e6 }

  /// One call, or two for a pin. After a failure it does nothing more.
  func step() {
    guard failure == nil else { return Thread.yield() }
    let start = Clock.monotonicNanoseconds()
    var name = "allocate"
    do {
      if live.isEmpty {
        try allocate()
      } else {
        switch Int.random(in: 0..<6, using: &random) {
        case 0, 1: if live.count < Self.mostLive { try allocate() }
        case 2:
          name = "free"
          try free()
        case 3:
          name = "pin of a part"
          try pinPart()
        case 4:
          name = "pin"
          _ = try anyEntry().buffer.withPin(lease: .zero) { _ in }
        default:
          name = "migrate"
          let target: Buffer.MigrationTarget = Bool.random(using: &random) ? .host : .device
          _ = try anyEntry().buffer.migrate(to: target)
        }
      }
      calls += 1
    } catch {
      failure = "\(name): \(error)"
    }
    let nanoseconds = Clock.monotonicNanoseconds() - start
    if nanoseconds > longestNanoseconds {
      longestNanoseconds = nanoseconds
      longestCall = name
    }
  }

  /// Looks at everything that it has; what was lost since the beginning.
  func wrongBytes() -> Int {
    for entry in live { lostBytes += wrongBytes(entry.buffer, entry.mark) }
    return lostBytes
  }

  private func anyEntry() -> Entry { live.randomElement(using: &random)! }

  private func allocate() throws {
    let buffer = try client.allocate(
      bytes: .random(in: 8...Self.largestBytes, using: &random) & ~7, timeout: .seconds(30))
    let entry = Entry(buffer: buffer, mark: random.next() | 1)
    if wrongBytes(buffer, 0) > 0 { discrepancies += 1 }
    if live.contains(where: { $0.addresses.overlaps(entry.addresses) }) { discrepancies += 1 }
    for offset in Self.offsets(buffer) {
      buffer.bytes.storeBytes(of: entry.mark, toByteOffset: offset, as: UInt64.self)
    }
    live.append(entry)
  }

  private func free() throws {
    let entry = live.remove(at: .random(in: 0..<live.count, using: &random))
    lostBytes += wrongBytes(entry.buffer, entry.mark)
    try entry.buffer.free()
  }

  private func pinPart() throws {
    let buffer = anyEntry().buffer
    let pin = try buffer.pin(range: 0..<min(8, buffer.count), lease: .milliseconds(50))
    do throws(CoherentError) {
      try pin.release()
    } catch {
      // While there was no daemon its lease may have run out.
      guard error.reason == .leaseExpired else { throw error }
    }
  }

  private func wrongBytes(_ buffer: Buffer, _ mark: UInt64) -> Int {
    var wrong = 0
    for offset in Self.offsets(buffer)
    where buffer.bytes.load(fromByteOffset: offset, as: UInt64.self) != mark { wrong += 8 }
    return wrong
  }

  /// A word in each page.
  private static func offsets(_ buffer: Buffer) -> some Sequence<Int> {
    stride(from: 0, to: buffer.count, by: PageSize.bytes)
  }
}
