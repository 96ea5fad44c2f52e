// The layout of the statistics: twelve numbers of 64 bits, in the order of their declaration.

extension StatisticsAnswer {
  func encode(_ writer: inout PacketWriter, _ bytes: inout MutableSpan<UInt8>) {
    writer.put(capacityBytes, &bytes)
    writer.put(freeBytes, &bytes)
    writer.put(frameBytes, &bytes)
    writer.put(allocations, &bytes)
    writer.put(reservedBytes, &bytes)
    writer.put(deviceBytes, &bytes)
    writer.put(hostBytes, &bytes)
    writer.put(storedBytes, &bytes)
    writer.put(pinnedBytes, &bytes)
    writer.put(faults, &bytes)
    writer.put(evictedFrames, &bytes)
    writer.put(restoredFrames, &bytes)
  }

  init(_ reader: inout PacketReader, _ bytes: Span<UInt8>) throws(MalformedPacket) {
    self.init()
    capacityBytes = try reader.next(UInt64.self, bytes)
    freeBytes = try reader.next(UInt64.self, bytes)
    frameBytes = try reader.next(UInt64.self, bytes)
    allocations = try reader.next(UInt64.self, bytes)
    reservedBytes = try reader.next(UInt64.self, bytes)
    deviceBytes = try reader.next(UInt64.self, bytes)
    hostBytes = try reader.next(UInt64.self, bytes)
    storedBytes = try reader.next(UInt64.self, bytes)
    pinnedBytes = try reader.next(UInt64.self, bytes)
    faults = try reader.next(UInt64.self, bytes)
    evictedFrames = try reader.next(UInt64.self, bytes)
    restoredFrames = try reader.next(UInt64.self, bytes)
  }
}
