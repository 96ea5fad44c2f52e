// What an order about blocks did: those that changed, and those that were as wanted already.

package struct BlockChangeReport: Equatable, Sendable, Codable {
  package var changed: [Int] = []
  package var already: [Int] = []

  package init(changed: [Int] = [], already: [Int] = []) {
    self.changed = changed
    self.already = already
  }

  enum CodingKeys: String, CodingKey, CaseIterable { case changed, already }
}
