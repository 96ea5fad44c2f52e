// The memory blocks of the sample daemon, as a daemon's look: going offline takes some looks, and
// fails or never ends where the test wants that.
import CoherentControl
import CoherentWire

struct SampleBlocks {
  /// How going offline ends.
  enum Course {
    case succeeds
    case timesOut
    case lasts
  }

  static let sizeBytes: UInt64 = 64 << 20
  static let looksToLeave: UInt64 = 4
  static let holder = PinHolderReport(session: SessionID(rawValue: 1), process: 4711, frames: 16)

  var course = Course.succeeds
  /// Blocks whose going never ends, whatever the course of the others.
  var lasting: Set<Int> = []
  /// Whether the host has memory for what is to go online.
  var hasRoom = true
  /// Whether orders to go online are taken and never answered, and how many there were.
  var isSlow = false
  var onlineOrders = 0
  private(set) var blocks: [BlockReport] = (0..<4).map(Self.online)

  private static func online(_ number: Int) -> BlockReport {
    var block = BlockReport(block: number)
    block.state = .online
    block.sizeBytes = Self.sizeBytes
    block.freeBytes = 16 << 20
    block.deviceBytes = 48 << 20
    block.pinnedBytes = 0
    return block
  }

  private static func offline(_ number: Int) -> BlockReport {
    var block = BlockReport(block: number)
    block.sizeBytes = Self.sizeBytes
    return block
  }

  mutating func misplace(_ index: Int, pages: UInt64) {
    blocks[index].node = 0
    blocks[index].checkedPages = 1024
    blocks[index].misplacedPages = pages
  }

  /// All of them; those that go offline have come a step further.
  mutating func look() -> [BlockReport] {
    for index in blocks.indices where blocks[index].state == .goingOffline { step(index) }
    return blocks
  }

  private mutating func step(_ index: Int) {
    let step = Self.sizeBytes / Self.looksToLeave
    guard course != .lasts, !lasting.contains(blocks[index].block) else { return }
    guard blocks[index].leftBytes <= step else {
      blocks[index].leftBytes -= step
      return
    }
    let number = blocks[index].block
    switch course {
    case .succeeds: blocks[index] = Self.offline(number)
    case .timesOut:
      blocks[index] = Self.online(number)
      blocks[index].lastFailure = .timedOut
    case .lasts: break
    }
  }

  /// Throws the first that is not there.
  private func indices(_ numbers: [Int]) throws(ControlError) -> [Int] {
    var indices: [Int] = []
    for number in numbers {
      guard let index = blocks.firstIndex(where: { $0.block == number }) else {
        throw .noSuchBlock(.init(block: number))
      }
      indices.append(index)
    }
    return indices
  }

  mutating func add(_ order: AddBlocksOrder) throws(ControlError) -> BlockChangeReport {
    guard order.node ?? 0 == 0 else {
      throw .refused(
        .init(reason: "noSuchNode", message: "this machine has no node \(order.node ?? 0)"))
    }
    let free = (0...).lazy.filter { [blocks] number in !blocks.contains { $0.block == number } }
    let wanted = order.blocks ?? Array(free.prefix(order.count ?? 0))
    var change = BlockChangeReport()
    for number in wanted {
      if blocks.contains(where: { $0.block == number }) {
        change.already.append(number)
      } else {
        blocks.append(Self.offline(number))
        blocks[blocks.count - 1].node = order.node
        change.changed.append(number)
      }
    }
    return change
  }

  mutating func putOnline(_ numbers: [Int]) throws(ControlError) -> BlockChangeReport {
    var change = BlockChangeReport()
    let indices = try indices(numbers)
    // What is going offline has its memory still.
    guard hasRoom || indices.allSatisfy({ blocks[$0].state != .offline }) else {
      throw .refused(.init(reason: "outOfHostMemory", message: "64 MiB are missing"))
    }
    for index in indices {
      let block = blocks[index]
      guard block.state != .online else {
        change.already.append(block.block)
        continue
      }
      blocks[index] = Self.online(block.block)
      if block.state == .goingOffline { blocks[index].lastFailure = .cancelled }
      change.changed.append(block.block)
    }
    return change
  }

  mutating func takeOffline(_ numbers: [Int]) throws(ControlError) -> BlockChangeReport {
    var change = BlockChangeReport()
    for index in try indices(numbers) {
      guard blocks[index].state == .online else {
        change.already.append(blocks[index].block)
        continue
      }
      blocks[index].state = .goingOffline
      blocks[index].leftBytes = blocks[index].sizeBytes
      blocks[index].holders = [Self.holder]
      blocks[index].pinnedUntilMilliseconds = 1500
      blocks[index].remainingMilliseconds = 60_000
      change.changed.append(blocks[index].block)
    }
    return change
  }

  mutating func remove(_ numbers: [Int]) throws(ControlError) -> BlockChangeReport {
    let there = blocks.filter { numbers.contains($0.block) }
    for block in there where block.state != .offline {
      throw .wrongBlockState(
        .init(
          block: block.block, state: block.state,
          message: "block \(block.block) is \(block.state.rawValue), and must be offline first"))
    }
    blocks.removeAll { numbers.contains($0.block) }
    let changed = there.map(\.block)
    return BlockChangeReport(
      changed: changed, already: numbers.filter { !changed.contains($0) })
  }

  func plan(_ order: OfflineOrder) throws(ControlError) -> [OfflinePlanReport] {
    try indices(order.blocks).map { index in
      var plan = OfflinePlanReport(block: blocks[index].block)
      plan.freeBytes = 16 << 20
      plan.movedBytes = 32 << 20
      plan.evictedBytes = 16 << 20
      plan.pinnedBytes = 1 << 20
      plan.holders = [Self.holder]
      plan.pinnedUntilMilliseconds = 1500
      plan.boundMilliseconds = UInt64(order.timeoutMilliseconds)
      if blocks[index].block == 3 { plan.refusal = "64 MiB of block 3 are promised to session 1" }
      return plan
    }
  }
}
