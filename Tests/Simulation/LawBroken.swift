// What the simulator throws when something that may never happen has happened.

struct LawBroken: Error, CustomStringConvertible {
  let description: String
}

/// Throws unless `condition` holds.
func law(_ condition: Bool, _ sentence: @autoclosure () -> String) throws {
  if !condition { throw LawBroken(description: sentence()) }
}
