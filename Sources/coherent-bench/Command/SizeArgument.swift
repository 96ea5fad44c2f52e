// A size on the command line, written as in the daemon's configuration.

import ArgumentParser
import CoherentWire

struct SizeArgument: Equatable, ExpressibleByArgument, Sendable {
  let bytes: UInt64

  init?(argument: String) {
    guard let bytes = SizeText.parse(argument[...]), bytes > 0 else { return nil }
    self.bytes = bytes
  }

  /// As one would write it: in the largest unit that fits.
  var defaultValueDescription: String { SizeText.render(bytes) }
}
