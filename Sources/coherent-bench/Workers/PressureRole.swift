// One of the processes of `pressure`: fills its share of memory with words that can be computed
// again, then reads all of it back. The same work over coherent or over ordinary shared memory.

import ArgumentParser
import Coherent
import CoherentSystem

struct PressureRole: WorkerRole {
  static let configuration = CommandConfiguration(commandName: "pressure", shouldDisplay: false)

  @OptionGroup var line: ChannelOptions
  @Option var index: UInt64
  @Option var count: Int
  @Option var length: Int
  /// The daemon's; without it, ordinary memory.
  @Option var socket: String?

  private static let pieceBytes = 1 << 20

  func play(_ channel: Channel) throws {
    try channel.reportingFailure { try work(channel) }
  }

  private func work(_ channel: Channel) throws {
    let client = try socket.map { path throws(CoherentError) in try Client(socketPath: path) }
    var report = WorkerReport(stage: .ready)
    try channel.send(report)
    try channel.await("go", from: "the benchmark")
    let mapping = client == nil ? try OrdinaryMemory(lengthBytes: length) : nil
    var pieces: [UnsafeMutableRawBufferPointer] = []
    var buffers: [Buffer] = []
    for start in stride(from: 0, to: length, by: Self.pieceBytes) {
      let bytes = min(Self.pieceBytes, length - start)
      if let client {
        buffers.append(try client.allocate(bytes: bytes, timeout: .seconds(60)))
        pieces.append(buffers.last!.bytes)
      } else if let mapping {
        pieces.append(UnsafeMutableRawBufferPointer(rebasing: mapping.bytes[start..<start + bytes]))
      }
      Self.write(pieces.last!, key(start))
    }
    for (number, piece) in pieces.enumerated() {
      report.mismatches += Self.wrongWords(piece, key(number * Self.pieceBytes))
      report.bytes += 2 * piece.count
    }
    report.stage = .done
    try channel.send(report)
    _ = try channel.receiveText()
    withExtendedLifetime((mapping, buffers, client)) {}
  }

  /// Different for every piece of every worker.
  private func key(_ start: Int) -> UInt64 {
    SeededGenerator.mix(index << 48 | UInt64(start))
  }

  @inline(never)
  private static func write(_ piece: UnsafeMutableRawBufferPointer, _ key: UInt64) {
    for offset in stride(from: 0, to: piece.count & ~7, by: 8) {
      piece.storeBytes(
        of: SeededGenerator.mix(key &+ UInt64(offset)), toByteOffset: offset, as: UInt64.self)
    }
  }

  @inline(never)
  private static func wrongWords(_ piece: UnsafeMutableRawBufferPointer, _ key: UInt64) -> Int {
    var wrong = 0
    for offset in stride(from: 0, to: piece.count & ~7, by: 8)
    where piece.load(fromByteOffset: offset, as: UInt64.self)
      != SeededGenerator.mix(key &+ UInt64(offset))
    {
      wrong += 1
    }
    return wrong
  }
}

/// Memory as any program can share it.
private final class OrdinaryMemory {
  private let file: MemoryFile
  private let mapping: Mapping

  init(lengthBytes: Int) throws(SystemError) {
    file = try MemoryFile(name: "coherent-bench-floor", sizeBytes: UInt64(lengthBytes))
    mapping = try Mapping(file: file, lengthBytes: lengthBytes, writable: true)
  }

  var bytes: UnsafeMutableRawBufferPointer { mapping.bytes }
}

extension Channel {
  /// Tells the parent what went wrong, instead of ending without a word.
  func reportingFailure(_ body: () throws -> Void) throws {
    do {
      try body()
    } catch {
      var report = WorkerReport(stage: .failed)
      report.message = FailureText.of(error)
      try send(report)
      _ = try receiveText()
    }
  }
}
