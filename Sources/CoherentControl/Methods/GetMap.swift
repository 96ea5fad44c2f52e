// `GetMap`: the whole region, so many runs of frames in each reply.

package struct MapAnswer: Codable, Equatable, Sendable {
  package var frameBytes: UInt64
  package var blockFrames: UInt64
  package var runs: [MapRunReport]

  package init(frameBytes: UInt64, blockFrames: UInt64, runs: [MapRunReport]) {
    self.frameBytes = frameBytes
    self.blockFrames = blockFrames
    self.runs = runs
  }

  enum CodingKeys: String, CodingKey, CaseIterable {
    case frameBytes = "frame_bytes"
    case blockFrames = "block_frames"
    case runs
  }
}

extension ControlMethod {
  static let getMap = streamed(
    ControlInterface.name + ".GetMap", takes: NoParameters.self
  ) { (_, cursor, context) throws(CallFailure) in
    let map = context.source.map(MapQuery(from: cursor, limit: ControlLimits.runsPerReply))
    let answer = MapAnswer(
      frameBytes: map.frameBytes, blockFrames: map.blockFrames, runs: map.runs)
    return (answer, map.runs.isEmpty, map.next)
  }
}
