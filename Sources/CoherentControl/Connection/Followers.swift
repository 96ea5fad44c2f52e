// Those who wait for what happens next, and the bell that wakes them. Shared by the server's thread
// and whoever rings. Nobody's ring is lost: a stream that may wait puts the bell out before it
// looks, and what happens after the look rings it. Rings while nobody waits cost one load.
import Synchronization

package final class Followers: Sendable {
  /// A place among them; it ends with its last reference.
  final class Place: Sendable {
    private let followers: Followers
    fileprivate init(_ followers: Followers) { self.followers = followers }
    deinit { followers.taken.subtract(1, ordering: .relaxed) }
  }

  private let taken = Atomic<Int>(0)
  /// Whether somebody wants to be woken by the next ring.
  private let isArmed = Atomic<Bool>(false)
  private let isRung = Atomic<Bool>(false)

  package init() {}

  /// Nil if there are as many as there may be.
  func place() -> Place? {
    let (_, count) = taken.add(1, ordering: .relaxed)
    let place = Place(self)
    return count <= ControlLimits.followers ? place : nil
  }

  /// Before a look that may end in waiting. Releasing, so that who then rings sees it; the look's
  /// own lock orders the two.
  func arm() { isArmed.store(true, ordering: .releasing) }

  /// From any thread, after something has happened. True if the server's thread has to be woken.
  func ring() -> Bool {
    guard isArmed.load(ordering: .acquiring), isArmed.exchange(false, ordering: .acquiring) else {
      return false
    }
    isRung.store(true, ordering: .releasing)
    return true
  }

  /// Whether it rang since the last time.
  func takeRing() -> Bool {
    isRung.load(ordering: .relaxed) && isRung.exchange(false, ordering: .acquiring)
  }
}
