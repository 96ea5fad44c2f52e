// What `CheckBlocks` found: how many pages of all blocks with a node it looked at, and how many of
// them lie on another node; and the same of all that is in host memory, which has to lie on none
// of these nodes.

package struct BlockCheckReport: Equatable, Sendable, Codable {
  package var checkedPages: UInt64 = 0
  package var misplacedPages: UInt64 = 0
  package var evictedPages: UInt64 = 0
  package var misplacedEvictedPages: UInt64 = 0

  package init(checkedPages: UInt64 = 0, misplacedPages: UInt64 = 0) {
    self.checkedPages = checkedPages
    self.misplacedPages = misplacedPages
  }

  enum CodingKeys: String, CodingKey, CaseIterable {
    case checkedPages = "checked_pages"
    case misplacedPages = "misplaced_pages"
    case evictedPages = "evicted_pages"
    case misplacedEvictedPages = "misplaced_evicted_pages"
  }
}
