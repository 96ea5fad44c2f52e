// How often a world saw what it is there for: a law that nothing comes near proves nothing.

struct Tally {
  var fastPins = 0
  var scribbles = 0
  var revokedPins = 0
  var lastUnpinsUnderEviction = 0
  var longTermPins = 0
  var pinsBehind = 0
  var discardedFrames = 0
  var refusedByShare = 0
  var blocksOnlined = 0
  var blocksOfflined = 0
  var blocksKept = 0
  var blocksGivenUp = 0

  var isComplete: Bool {
    fastPins > 0 && revokedPins + lastUnpinsUnderEviction > 0 && longTermPins > 0
      && pinsBehind > 0 && discardedFrames > 0
  }

  var blocksCameAndWent: Bool { blocksOnlined > 0 && blocksOfflined > 0 }
}
