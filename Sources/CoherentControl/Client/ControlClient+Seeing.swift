// The calls that show what the device does.

extension ControlClient {
  /// The whole map.
  package mutating func map() throws(ControlFailure) -> MapAnswer {
    var map = MapAnswer(frameBytes: 0, blockFrames: 0, runs: [])
    try stream("GetMap", NoParameters(), MapAnswer.self) { part in
      map.frameBytes = part.frameBytes
      map.blockFrames = part.blockFrames
      map.runs += part.runs
    }
    return map
  }

  package mutating func pressure() throws(ControlFailure) -> PressureReport {
    try call("GetPressure", NoParameters(), PressureReport.self)
  }

  package mutating func why(_ query: WhyQuery) throws(ControlFailure) -> WhyReport {
    try call("Explain", query, WhyReport.self)
  }

  /// Events, some at a time. While there are none to come, `wait` waits until the descriptor that
  /// it gets is readable; what it returns false for ends the call, and the connection's use.
  package mutating func events(
    _ query: EventsQuery, waiting wait: (CInt) -> Bool, _ each: (EventsAnswer) -> Void
  ) throws(ControlFailure) {
    try stream("FollowEvents", query, EventsAnswer.self, waiting: wait, each)
  }
}
