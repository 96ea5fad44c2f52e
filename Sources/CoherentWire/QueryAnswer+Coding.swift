// The layout of the answer to a query: the totals, then the runs, of which the packet's length
// admits exactly as many as it says.

extension QueryAnswer {
  func encode(_ writer: inout PacketWriter, _ bytes: inout MutableSpan<UInt8>) {
    invariant(runs.count <= Self.maximumRuns, "an answer has no more runs than fit into a packet")
    writer.put(frames, &bytes)
    writer.put(pinnedFrames, &bytes)
    writer.put(UInt32(runs.count), &bytes)
    writer.put(UInt32(0), &bytes)
    for run in runs {
      writer.put(run.frames, &bytes)
      writer.put(UInt32(run.place.rawValue), &bytes)
    }
  }

  init(_ reader: inout PacketReader, _ bytes: Span<UInt8>) throws(MalformedPacket) {
    self.init()
    let start = reader.offset
    frames = try reader.next(UInt32.self, bytes)
    pinnedFrames = try reader.next(UInt32.self, bytes)
    guard pinnedFrames <= frames else { throw reader.badField(at: start + 4) }
    let count = try reader.next(UInt32.self, bytes)
    guard count <= Self.maximumRuns else { throw reader.badField(at: start + 8) }
    try reader.reserved(UInt32.self, bytes)
    runs.reserveCapacity(Int(count))
    var counted: UInt64 = 0
    for _ in 0..<count {
      let runStart = reader.offset
      let length = try reader.next(UInt32.self, bytes)
      let place = try reader.next(choice: Place.self, bytes)
      try reader.reserved(UInt8.self, bytes)
      try reader.reserved(UInt16.self, bytes)
      counted += UInt64(length)
      guard length > 0, counted <= UInt64(frames) else { throw reader.badField(at: runStart) }
      runs.append(PlaceRun(place: place, frames: length))
    }
  }
}
