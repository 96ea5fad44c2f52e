// How much of a table that all clients share one user may have. The rest is a reserve: one user
// alone cannot take it, so another one always finds room to begin with.
//
//   | what one user may have: most | reserve |
//   0                                        limit
//
// Law: of two entries or more, a share below 100 percent leaves one at least; of one entry it takes
// nothing away.

package struct UserShare: Equatable, Sendable {
  package let limit: Int
  package let most: Int

  /// The part that one user cannot take.
  package var reserve: Int { limit - most }

  /// `percent` of `limit`, rounded down, and one at least.
  package init(of limit: Int, percent: Int) {
    invariant(limit >= 0 && (1...100).contains(percent), "a share is a part of what there is")
    self.limit = limit
    // Limits are counts of frames at most, and a hundred times those fit.
    most = min(limit, max(1, limit / 100 * percent + limit % 100 * percent / 100))
  }
}
