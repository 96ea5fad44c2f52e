// How many device frames are in each state. Changed with every change of a frame, so it lies inline
// where it is held.

struct StateCounts: Equatable {
  private var values: [8 of Int] = [0, 0, 0, 0, 0, 0, 0, 0]

  subscript(_ state: DeviceFrame.State) -> Int {
    get { values[Int(state.rawValue)] }
    set { values[Int(state.rawValue)] = newValue }
  }

  var sum: Int { DeviceFrame.State.allCases.reduce(0) { $0 + self[$1] } }

  /// Frames of blocks that are online or going offline, but for those that are emptied.
  var online: Int { sum - self[.offline] }

  static func == (one: StateCounts, other: StateCounts) -> Bool {
    DeviceFrame.State.allCases.allSatisfy { one[$0] == other[$0] }
  }
}
