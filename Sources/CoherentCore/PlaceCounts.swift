// How many frames are in each place; kept for every arena and for all of them together.

import CoherentWire

package struct PlaceCounts: Equatable, Sendable {
  private var values = [Int](repeating: 0, count: Place.allCases.count)

  package init() {}

  package internal(set) subscript(_ place: Place) -> Int {
    get { values[Int(place.rawValue)] }
    set { values[Int(place.rawValue)] = newValue }
  }

  package var sum: Int { values.reduce(0, +) }
}
