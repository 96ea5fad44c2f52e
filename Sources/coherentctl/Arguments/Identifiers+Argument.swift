// Sessions, allocations and targets as the command line spells them: as the tables print them.
import ArgumentParser
import CoherentControl
import CoherentWire

extension SessionID: ExpressibleByArgument {
  package init?(argument: String) {
    guard argument.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), let number = UInt32(argument)
    else { return nil }
    self.init(rawValue: number)
  }
}

extension HandleID: ExpressibleByArgument {
  package init?(argument: String) { self.init(decimal: argument) }
}

extension MigrationTarget: ExpressibleByArgument {
  package init?(argument: String) { self.init(word: argument) }

  package static var allValueStrings: [String] { allCases.map(\.word) }
}
