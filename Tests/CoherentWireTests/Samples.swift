// One value of every message, with a different number in every field, and with the extremes. The
// other tests of this folder go over all of them.

import CoherentWire

enum Samples {
  static let range = HandleRange(
    handle: HandleID(rawValue: 0x0102_0304_0506_0708), offsetBytes: 0x1112_1314_1516_1718,
    lengthBytes: 0x2122_2324_2526_2728)
  static let lastRange = HandleRange(
    handle: HandleID(rawValue: .max), offsetBytes: .max - 1, lengthBytes: 1)

  static let requests: [Request] = [
    .hello(lowestVersion: 1, highestVersion: 1),
    .hello(lowestVersion: 3, highestVersion: .max),
    .attach(baseAddress: 0x7F01_0203_0405_0000, lengthBytes: 0x0000_0100_0002_0000),
    .attach(baseAddress: 0, lengthBytes: .max),
    .allocate(
      sizeBytes: 0x0102_0304_0506_0708, alignmentBytes: 0x1112_1314_1516_1718,
      timeoutMilliseconds: 0x2122_2324, priority: 0x31),
    .allocate(sizeBytes: 1, alignmentBytes: 0, timeoutMilliseconds: 0, priority: 0),
    .allocate(
      sizeBytes: .max, alignmentBytes: .max, timeoutMilliseconds: .max, priority: .max),
    .free(HandleID(rawValue: 0x0102_0304_0506_0708)),
    .pin(range, leaseMilliseconds: 0x3132_3334, timeoutMilliseconds: 0x4142_4344),
    .pin(lastRange, leaseMilliseconds: .max, timeoutMilliseconds: 0),
    .pin(lastRange, leaseMilliseconds: 0, timeoutMilliseconds: 1, isLongTerm: true),
    .release(HandleID(rawValue: 0x0102_0304_0506_0708)),
    .unpin(PinID(rawValue: 0x0102_0304_0506_0708)),
    .migrate(range, to: .device, timeoutMilliseconds: 0x3132_3334),
    .migrate(lastRange, to: .host, timeoutMilliseconds: .max),
    .advise(range, .willNeed), .advise(range, .cold), .advise(lastRange, .discard),
    .query(range), .query(lastRange),
    .statistics,
  ]

  static var welcome: Welcome {
    var welcome = Welcome()
    welcome.version = 0x0102
    welcome.session = SessionID(rawValue: 0x1112_1314)
    welcome.frameBytes = 65536
    welcome.arenaBytes = 0x2122_2324_2526_2728
    welcome.defaultLeaseMilliseconds = 0x3132_3334
    welcome.maximumLeaseMilliseconds = 0x4142_4344
    welcome.maximumTimeoutMilliseconds = 0x5152_5354
    welcome.maximumRequestsInFlight = 0x6162_6364
    welcome.controlOffsetBytes = 0x7172_7374_7576_7778
    welcome.controlBytes = 0x8182_8384_8586_8788
    welcome.layoutFingerprint = 0x9192_9394_9596_9798
    welcome.tableBytes = 0xa1a2_a3a4_a5a6_a7a8
    welcome.tableFingerprint = 0xb1b2_b3b4_b5b6_b7b8
    return welcome
  }

  static var welcomeWithFaultDevice: Welcome {
    var welcome = welcome
    welcome.passesFaultDevice = true
    return welcome
  }

  static func answer(runs: Int) -> QueryAnswer {
    var answer = QueryAnswer()
    answer.runs = (0..<runs).map { index in
      PlaceRun(place: Place.allCases[index % Place.allCases.count], frames: UInt32(index + 1))
    }
    answer.frames = answer.runs.reduce(5) { $0 + $1.frames }
    answer.pinnedFrames = answer.frames - 1
    return answer
  }

  static var statistics: StatisticsAnswer {
    var answer = StatisticsAnswer()
    answer.capacityBytes = 0x0102_0304_0506_0708
    answer.freeBytes = 2
    answer.frameBytes = 3
    answer.allocations = 4
    answer.reservedBytes = 5
    answer.deviceBytes = 6
    answer.hostBytes = 7
    answer.storedBytes = 8
    answer.pinnedBytes = 9
    answer.faults = 10
    answer.evictedFrames = 11
    answer.restoredFrames = .max
    return answer
  }

  static var refusal: Refusal {
    var refusal = Refusal(
      .outOfDeviceMemory, .largerThanDevice, asked: 0x0102_0304_0506_0708, available: 2, limit: 3)
    refusal.holderProcess = 0x1112_1314
    refusal.holderSession = 0x2122_2324
    refusal.pinned = 4
    refusal.protected = .max
    return refusal
  }

  static let refusals: [Refusal] = Refusal.Reason.allCases.flatMap { reason in
    Refusal.Detail.allCases.map { detail in
      var refusal = refusal
      refusal.reason = reason
      refusal.detail = detail
      if detail.isShare { refusal.user = 0x3132_3334 }
      return refusal
    }
  }

  static var replies: [Reply] {
    [
      .welcome(welcome), .welcome(welcomeWithFaultDevice), .welcome(Welcome()), .attached,
      .allocated(
        HandleID(rawValue: 0x0102_0304_0506_0708), offsetBytes: 0x1112_1314_1516_1718,
        sizeBytes: 0x2122_2324_2526_2728, resetsRange: true),
      .allocated(HandleID(rawValue: 0), offsetBytes: 0, sizeBytes: 1, resetsRange: false),
      .freed, .released,
      .pinned(
        PinID(rawValue: 0x0102_0304_0506_0708), leaseMilliseconds: 0x1112_1314,
        movedFrames: 0x2122_2324),
      .unpinned, .migrated(movedFrames: 0x0102_0304, alreadyFrames: 0x1112_1314),
      .advised(frames: 0x0102_0304),
      .queried(QueryAnswer()), .queried(answer(runs: 1)), .queried(answer(runs: 255)),
      .queried(answer(runs: QueryAnswer.maximumRuns)), .statistics(statistics),
      .refused(refusal),
    ] + refusals.map(Reply.refused)
  }

  static let id = RequestID(rawValue: 0xF1F2_F3F4_F5F6_F7F8)

  static func packet(
    _ request: Request, id: RequestID = id, isRepeat: Bool = false
  ) -> [UInt8] {
    packet(capacity: PacketLimits.maximumBytes) {
      request.encode(id, isRepeat: isRepeat, into: &$0)
    }
  }

  static func packet(_ event: Event) -> [UInt8] {
    packet(capacity: Event.maximumBytes) { event.encode(into: &$0) }
  }

  static func packet(_ reply: Reply, id: RequestID = id) -> [UInt8] {
    packet(capacity: PacketLimits.maximumBytes) { reply.encode(id, into: &$0) }
  }

  /// What an encoder wrote into a buffer of that capacity, filled with ones beforehand.
  static func packet(
    capacity: Int, _ encode: (inout MutableSpan<UInt8>) -> Int
  ) -> [UInt8] {
    var buffer = [UInt8](repeating: 0xFF, count: capacity)
    var span = buffer.mutableSpan
    let length = encode(&span)
    return Array(buffer[..<length])
  }

  /// What the decoder of requests says, with the descriptors that the packet's kind prescribes.
  static func decodeRequest(_ packet: [UInt8], descriptors: Int? = nil) -> RequestOutcome {
    let kind = packet.count < 2 ? 0 : UInt16(packet[0]) | UInt16(packet[1]) << 8
    let expected = MessageKind(rawValue: kind)?.requestDescriptors ?? 0
    do throws(MalformedPacket) {
      let decoded = try Request.decode(packet.span, descriptorCount: descriptors ?? expected)
      return .decoded(decoded.id, decoded.request)
    } catch {
      return .malformed(error)
    }
  }

  static func decodeReply(_ packet: [UInt8], descriptors: Int) -> ReplyOutcome {
    do throws(MalformedPacket) {
      let decoded = try Reply.decode(packet.span, descriptorCount: descriptors)
      return .decoded(decoded.id, decoded.reply)
    } catch {
      return .malformed(error)
    }
  }
}

enum RequestOutcome: Equatable {
  case decoded(RequestID, Request)
  case malformed(MalformedPacket)
}

enum ReplyOutcome: Equatable {
  case decoded(RequestID, Reply)
  case malformed(MalformedPacket)
}
