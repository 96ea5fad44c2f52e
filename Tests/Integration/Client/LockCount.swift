// How many threads of a client are in a write into its memory file, and so keep the file's lock.

import Synchronization

final class LockCount: Sendable {
  private let count = Atomic(0)

  func change(by difference: Int) { count.add(difference, ordering: .acquiringAndReleasing) }

  var isNone: Bool { count.load(ordering: .acquiring) == 0 }
}
