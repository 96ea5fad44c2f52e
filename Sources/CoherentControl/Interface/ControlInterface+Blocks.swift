// The part of the interface's text that is about memory blocks: hot-plug, while clients work.

extension ControlInterface {
  static let blocks = """

    # One memory block of the region: the unit of hot-plug.
    # Online or going-offline: free + reserved + device + moving + isolated == size
    type Block (
      block: int,
      # offline, online or going-offline; a newer daemon may know more words
      state: string,
      # the NUMA node that it is bound to, null if to none
      node: ?int,
      size_bytes: int,
      free_bytes: int,
      reserved_bytes: int,
      device_bytes: int,
      # evicting, restoring or releasing
      moving_bytes: int,
      # free, and not given out any more
      isolated_bytes: int,
      # of these, under a pin; null where it was not looked for: online blocks of very many frames
      pinned_bytes: ?int,
      # going-offline: what has still to leave it
      left_bytes: int,
      # who pins most of it
      holders: []Holder,
      # when the leases of those are over at the latest; null where nobody pins
      pinned_until_ms: ?int,
      # going-offline: when the daemon gives up, and puts it back online
      remaining_ms: ?int,
      # how the last try to take it offline ended, if it did not succeed: timed-out or cancelled
      last_failure: ?string,
      # bound to a node: pages of it that were looked at last, and those of them that lie elsewhere
      checked_pages: ?int,
      misplaced_pages: ?int
    )

    # What taking a block offline would do
    type OfflinePlan (
      block: int,
      state: string,
      # needs nothing
      free_bytes: int,
      # moves to other blocks
      moved_bytes: int,
      # goes to the host stores
      evicted_bytes: int,
      # may have to wait for pins first; what moves to blocks on the same node never has to
      pinned_bytes: int,
      holders: []Holder,
      # at the latest then every lease is over; null where no pin is in the way
      pinned_until_ms: ?int,
      # by then it is empty, or online again; of a block that is going offline already: what is left
      bound_ms: int,
      # a sentence: why it would be refused now
      refusal: ?string
    )

    # All memory blocks, some in each reply. Call it with more.
    method ListBlocks() -> (blocks: []Block)

    # Look where the pages of all blocks with a node lie: ListBlocks has the numbers of each then.
    # What is in host memory is looked at, too: it has to lie on none of these nodes.
    method CheckBlocks() -> (
      checked_pages: int,
      misplaced_pages: int,
      evicted_pages: int,
      misplaced_evicted_pages: int
    )

    # The orders about blocks answer which changed, and which were so already. If one of them cannot
    # change, none does.

    # Make blocks known, offline: those with these numbers, or so many with the first numbers that
    # are free. Exactly one of the two is given. A node that the machine has not is Refused with the
    # reason noSuchNode.
    method AddBlocks(blocks: ?[]int, count: ?int, node: ?int) -> (changed: []int, already: []int)

    # Commit the memory of blocks and give it out; a block that is going offline stays online, also
    # if the memory of another cannot be had after all. Too little host memory is Refused with the
    # reason outOfHostMemory.
    method OnlineBlocks(blocks: []int) -> (changed: []int, already: []int)

    # Begin to take blocks offline; answered when they are going offline, ListBlocks tells the rest.
    # What is not offline after the timeout is online again. It is 60 s unless given, and at most
    # 600 s.
    method OfflineBlocks(
      blocks: []int,
      timeout_ms: ?int
    ) -> (
      changed: []int,
      already: []int
    )

    # What OfflineBlocks would do. Nothing is done.
    method PlanOffline(blocks: []int, timeout_ms: ?int) -> (plans: []OfflinePlan)

    # Forget blocks that are offline
    method RemoveBlocks(blocks: []int) -> (changed: []int, already: []int)

    error NoSuchBlock (block: int)

    # The block is in a state that does not allow it
    error WrongBlockState (block: int, state: string, message: string)
    """
}
