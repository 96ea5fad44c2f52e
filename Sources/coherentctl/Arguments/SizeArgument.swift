// A size on the command line, written as in the configuration: `64M`, `64m`, `64MiB`.
import ArgumentParser
import CoherentWire

struct SizeArgument: Equatable, ExpressibleByArgument {
  let bytes: UInt64

  init?(argument: String) {
    guard let bytes = SizeText.parse(argument[...]) else { return nil }
    self.bytes = bytes
  }
}
