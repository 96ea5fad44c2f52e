// The housekeeper's carving as the simulator sees it, and the region's memory file with it.

import CoherentCore

struct SimulatedCarver {
  var isAwake = false
  var works: [CarvingWork] = []
  /// Which frames' memory lies in the region's file.
  var isFilled: [Bool]

  /// The first `filled` of so many frames.
  init(frames: Int, filled: Int) { isFilled = (0..<frames).map { $0 < filled } }
}
