// Kinds of events as the command line spells them: as the lines of `events` show them.
import ArgumentParser
import CoherentControl

extension EventKind: ExpressibleByArgument {
  package init?(argument: String) {
    self.init(rawValue: argument)
    guard Self.all.contains(self) else { return nil }
  }

  package static var allValueStrings: [String] { all.map(\.rawValue) }
}
