// Where a buffer's bytes are, and asking for them to be elsewhere. What is asked for a range is
// done to the whole frames that it touches.

import CoherentWire

extension Buffer {
  /// What a buffer can be brought to.
  public enum MigrationTarget: Sendable {
    case device
    case host
  }

  /// What a program knows about its future use of a range.
  public enum Advice: Sendable {
    /// It is needed soon: brought to the device if there is room without pressure.
    case willNeed
    /// It is not needed soon: evicted before others.
    case cold
    /// Its contents are not needed any more: it reads as zeros. Applies to frames that lie wholly
    /// in the range and are not pinned.
    case discard
  }

  /// The place of some bytes.
  public enum Place: Sendable {
    /// Never written; device memory is reserved for it, and it reads as zeros.
    case untouched
    /// On the device.
    case device
    /// Mapped, from host memory.
    case host
    /// Evicted; an access brings it back.
    case stored
    /// On its way out.
    case evicting
    /// On its way back.
    case restoring
  }

  /// Neighbouring bytes of a buffer in one place.
  public struct PlaceRange: Equatable, Sendable {
    public let range: Range<Int>
    public let place: Place

    package init(range: Range<Int>, place: Place) {
      self.range = range
      self.place = place
    }
  }

  /// Moves a range, all of the buffer if none is given, to the device or to host memory.
  ///
  /// Returns how many frames moved and how many were there already. Throws `outOfDeviceMemory`,
  /// `outOfHostMemory`, `notMigratable` or `timedOut` (naming whose pin is in the way). One round
  /// trip, and the copy.
  @discardableResult
  public func migrate(
    to target: MigrationTarget, range: Range<Int>? = nil, timeout: Duration = .seconds(10)
  ) throws(CoherentError) -> (movedFrames: Int, alreadyFrames: Int) {
    let handleRange = try handleRange(range)
    if target == .host, session.ownMemory != nil { return (0, frames(handleRange)) }
    let timeoutMilliseconds = try session.timeoutMilliseconds(timeout)
    let reply = try session.call(
      .migrate(
        handleRange, to: target == .device ? .device : .host,
        timeoutMilliseconds: timeoutMilliseconds), timeoutMilliseconds: timeoutMilliseconds)
    guard case .migrated(let movedFrames, let alreadyFrames) = reply else {
      unreachableReply(reply)
    }
    return (Int(movedFrames), Int(alreadyFrames))
  }

  private func frames(_ range: HandleRange) -> Int {
    let frameBytes = UInt64(session.frameBytes)
    let end = (range.offsetBytes + range.lengthBytes + frameBytes - 1) / frameBytes
    return Int(end - range.offsetBytes / frameBytes)
  }

  /// Tells the daemon about a range, all of the buffer if none is given. Returns the number of
  /// frames that it applies to. One round trip.
  @discardableResult
  public func advise(_ advice: Advice, range: Range<Int>? = nil) throws(CoherentError) -> Int {
    let advice: CoherentWire.Advice =
      switch advice {
      case .willNeed: .willNeed
      case .cold: .cold
      case .discard: .discard
      }
    let reply = try session.call(.advise(try handleRange(range), advice))
    guard case .advised(let frames) = reply else { unreachableReply(reply) }
    return Int(frames)
  }

  /// The places of a range, all of the buffer if none is given, in order and without a gap. Changes
  /// nothing. One round trip for every 256 changes of place.
  public func query(range: Range<Int>? = nil) throws(CoherentError) -> [PlaceRange] {
    let wanted = range ?? 0..<count
    if session.ownMemory != nil {
      _ = try handleRange(wanted)
      return [PlaceRange(range: wanted, place: .host)]
    }
    var places: [PlaceRange] = []
    var next = wanted.lowerBound
    repeat {
      let reply = try session.call(.query(try handleRange(next..<wanted.upperBound)))
      guard case .queried(let answer) = reply else { unreachableReply(reply) }
      // An answer without a run would be asked for ever.
      guard !answer.runs.isEmpty else {
        throw CoherentError(.protocolViolation, .badField, asked: 24)
      }
      for run in answer.runs where next < wanted.upperBound {
        let frame = next / session.frameBytes + Int(run.frames)
        let end = min(frame * session.frameBytes, wanted.upperBound)
        places.append(PlaceRange(range: next..<end, place: Place(run.place)))
        next = end
      }
    } while next < wanted.upperBound
    return places
  }
}

extension Buffer.Place {
  init(_ place: CoherentWire.Place) {
    switch place {
    case .untouched: self = .untouched
    case .device: self = .device
    case .host: self = .host
    case .stored: self = .stored
    case .evicting: self = .evicting
    case .restoring: self = .restoring
    }
  }
}
