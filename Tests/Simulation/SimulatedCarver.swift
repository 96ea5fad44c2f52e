// The housekeeper's carving as the simulator sees it, and the region's memory file with it.

import CoherentCore

struct SimulatedCarver {
  var isAwake = false
  var works: [CarvingWork] = []
  /// Which frames' memory lies in the region's file.
  var isFilled: [Bool]

  init(frames: Int) { isFilled = Array(repeating: true, count: frames) }
}
