// The bare fault handler of a fault's floor. It does for a fault what the daemon's pager does for
// it - wait, read, fill from zeros or from the store, map - and keeps of all the rest one bit per
// frame. File and offsets are laid out as a session's file is.

import ArgumentParser
import CoherentShared
import CoherentSystem

struct FaultHandlerRole: WorkerRole {
  static let configuration = CommandConfiguration(
    commandName: "fault-handler", shouldDisplay: false)

  @OptionGroup var line: ChannelOptions
  @Option var base: UInt64
  @Option var length: UInt64
  @Option var frame: UInt64

  func play(_ channel: Channel) throws {
    var descriptors: [CInt] = []
    guard try channel.receive(descriptors: &descriptors) != nil, descriptors.count == 2 else {
      throw BenchFailure("a fault handler gets a userfaultfd and a file")
    }
    let fault = try Userfault(adopting: Descriptor(owning: descriptors[0]))
    let file = try MemoryFile(descriptor: Descriptor(owning: descriptors[1]))
    var handler = BareHandler(
      fault: fault, file: file, base: base, layout: SessionFileLayout(arenaBytes: length, controlSlots: 1),
      frameBytes: frame)
    try handler.serve(channel)
  }
}

private struct BareHandler: ~Copyable {
  private let fault: Userfault
  private let file: MemoryFile
  private let base: UInt64
  private let layout: SessionFileLayout
  private let frameBytes: UInt64
  private let buffer: UnsafeMutableRawBufferPointer
  private var isStored: [Bool]

  private static let channelToken: UInt64 = 1
  private static let faultToken: UInt64 = 2

  init(
    fault: consuming Userfault, file: consuming MemoryFile, base: UInt64,
    layout: SessionFileLayout, frameBytes: UInt64
  ) {
    self.fault = fault
    self.file = file
    self.base = base
    self.layout = layout
    self.frameBytes = frameBytes
    buffer = .allocate(byteCount: Int(frameBytes), alignment: PageSize.bytes)
    isStored = [Bool](repeating: false, count: Int(layout.arenaBytes / frameBytes))
  }

  deinit { buffer.deallocate() }

  mutating func serve(_ channel: Channel) throws {
    let epoll = try Epoll()
    try epoll.add(channel.raw, readable: true, token: Self.channelToken)
    try epoll.add(fault.raw, readable: true, token: Self.faultToken)
    var ready = [Epoll.Ready](repeating: Epoll.Ready(), count: 2)
    let none = Fault(address: 0, isWrite: false, isWriteProtect: false, isMinor: false)
    var faults = [Fault](repeating: none, count: Userfault.maximumFaultsPerRead)
    try channel.send("ready")
    while true {
      let count = ready.withUnsafeMutableBufferPointer {
        epoll.wait(into: $0, timeoutMilliseconds: -1)
      }
      for event in ready[..<count] {
        if event.token == Self.channelToken {
          guard let order = try channel.receiveText() else { return }
          try obey(order)
          try channel.send(order)
        } else {
          let outcome = faults.withUnsafeMutableBufferPointer { fault.readFaults(into: $0) }
          guard case .faults(let count, _) = outcome else { continue }
          for index in 0..<count { try answer(faults[index].address) }
        }
      }
    }
  }

  private mutating func answer(_ address: UInt64) throws {
    let frame = (address - base) / frameBytes
    let offset = frame * frameBytes
    if isStored[Int(frame)] {
      try file.read(into: buffer, offsetBytes: layout.storeOffset(of: offset))
      try file.write(from: UnsafeRawBufferPointer(buffer), offsetBytes: offset)
      isStored[Int(frame)] = false
    } else {
      try file.fill(offsetBytes: offset, lengthBytes: frameBytes)
    }
    let outcome = fault.continueRange(address: base + offset, lengthBytes: frameBytes)
    guard outcome == .done else { throw BenchFailure("a bare handler cannot map: \(outcome)") }
  }

  /// The client waits meanwhile, so nothing need be write-protected.
  private mutating func obey(_ order: String) throws {
    switch order {
    case "evict":
      for frame in 0..<isStored.count {
        let offset = UInt64(frame) * frameBytes
        try file.read(into: buffer, offsetBytes: offset)
        try file.write(
          from: UnsafeRawBufferPointer(buffer), offsetBytes: layout.storeOffset(of: offset))
        isStored[frame] = true
      }
      try file.punch(offsetBytes: 0, lengthBytes: layout.arenaBytes)
    case "forget":
      try file.punch(offsetBytes: 0, lengthBytes: layout.fileBytes)
      for frame in 0..<isStored.count { isStored[frame] = false }
    default: throw BenchFailure("a fault handler does not know \(order)")
    }
  }
}
