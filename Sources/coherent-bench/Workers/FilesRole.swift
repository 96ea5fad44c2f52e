// One of the processes of `files`: loads its share of a tree into device memory, waits until all
// have, then checks every file.

import ArgumentParser
import Coherent
import CoherentSystem

struct FilesRole: WorkerRole {
  static let configuration = CommandConfiguration(commandName: "files", shouldDisplay: false)

  @OptionGroup var line: ChannelOptions
  @Option var index: Int
  @Option var count: Int
  @Option var socket: String
  @Option var directory: String
  /// How much this worker loads, at least.
  @Option var share: Int

  private static let largestPieceBytes = 8 << 20
  private static let reportNanoseconds: UInt64 = 100_000_000

  func play(_ channel: Channel) throws {
    try channel.reportingFailure { try work(channel) }
  }

  private func work(_ channel: Channel) throws {
    let client = try Client(socketPath: socket)
    let device = try client.statistics().capacityBytes
    let piece = max(client.frameBytes, min(Self.largestPieceBytes, device / 16))
    var report = WorkerReport(stage: .working)
    var reportedAt: UInt64 = 0
    let tell = { (report: WorkerReport) throws in
      let now = Clock.monotonicNanoseconds()
      guard now > reportedAt + Self.reportNanoseconds else { return }
      reportedAt = now
      try channel.send(report)
    }
    var files: [LoadedFile] = []
    var pass = 0
    var emptyPasses = 0
    while report.bytes < share {
      let before = report.bytes
      try load(pass, &report, &files) { path in
        try LoadedFile(path: path, client: client, pieceBytes: piece)
      } tell: {
        try tell($0)
      }
      pass += 1
      emptyPasses = report.bytes == before ? emptyPasses + 1 : 0
      guard emptyPasses < count else {
        throw BenchFailure("there is nothing to read below \(directory)")
      }
    }
    report.stage = .loaded
    try channel.send(report)
    try channel.await("check", from: "the benchmark")
    report.stage = .working
    var random = SeededGenerator(seed: UInt64(index))
    for file in files.shuffled(using: &random) {
      check(file, &report)
      try tell(report)
    }
    report.stage = .done
    try channel.send(report)
    _ = try channel.receiveText()
    withExtendedLifetime((client, files)) {}
  }

  /// One walk over the tree, or less when the share is reached. In each walk the files go round.
  private func load(
    _ pass: Int, _ report: inout WorkerReport, _ files: inout [LoadedFile],
    read: (String) throws -> LoadedFile?, tell: (WorkerReport) throws -> Void
  ) throws {
    var tree = FileTree(root: directory)
    var number = pass
    while report.bytes < share, let item = tree.next() {
      number += 1
      guard number % count == index else { continue }
      if case .file(let path) = item, let file = try read(path) {
        files.append(file)
        report.files += 1
        report.bytes += file.bytes
      } else {
        report.skipped += 1
      }
      try tell(report)
    }
  }

  private func check(_ file: LoadedFile, _ report: inout WorkerReport) {
    switch file.check() {
    case .same: break
    case .mismatch:
      report.mismatches += 1
      report.message = report.message ?? file.path
    case .changed: report.skipped += 1
    }
    report.checked += 1
  }
}
