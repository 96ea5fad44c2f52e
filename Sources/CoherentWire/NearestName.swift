// Which known name somebody probably meant: the one with the fewest letters inserted, left out,
// changed or swapped with their neighbour. Messages about the configuration and about the command
// line ask it. It must stay cheap for any input, so names that are much too long are not compared.

package enum NearestName {
  /// Longer than every known name with every mistake that is still recognised.
  private static let maximumCharacters = 40

  /// The nearest of the candidates, or nil where none is near: more than a third of it differs.
  package static func nearest(to name: String, among candidates: [String]) -> String? {
    let letters = Array(name.lowercased().utf8)
    guard !letters.isEmpty, letters.count <= maximumCharacters else { return nil }
    var best: (name: String, distance: Int)?
    for candidate in candidates {
      let limit = max(1, candidate.utf8.count / 3)
      // Every letter more or less is one difference, so most candidates need no closer look.
      guard abs(candidate.utf8.count - letters.count) <= limit else { continue }
      let distance = distance(letters, Array(candidate.lowercased().utf8))
      guard distance <= limit else { continue }
      if distance < best?.distance ?? .max { best = (candidate, distance) }
    }
    return best?.name
  }

  /// The optimal string alignment distance (Damerau 1964, Levenshtein 1966), in bytes.
  private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var beforeLast: [Int] = []
    var last = Array(0...right.count)
    for row in 0..<left.count {
      var current = [row + 1]
      for column in 0..<right.count {
        let changed = last[column] + (left[row] == right[column] ? 0 : 1)
        var cost = min(changed, last[column + 1] + 1, current[column] + 1)
        if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
          cost = min(cost, beforeLast[column - 1] + 1)
        }
        current.append(cost)
      }
      beforeLast = last
      last = current
    }
    return last[right.count]
  }
}
