// The interface `io.coherentd.Control` in Varlink's definition language: what introspection
// answers, and the manual page of whoever writes a script. Its fields are the coding keys of the
// models; a test holds the two together.

package enum ControlInterface {
  package static let name = "io.coherentd.Control"

  /// The whole text. Whatever is about blocks, and about seeing what the device does, has a file of
  /// its own.
  package static let description = [head, blocks, seeing].joined(separator: "\n")

  private static let head = """
    # Administration of coherentd: who uses the device memory, and orders to move it.
    # For root, the daemon's user and the members of the configured group.
    # Sizes are bytes, durations milliseconds. Counters start with the daemon.
    interface io.coherentd.Control

    # The daemon and the device as a whole, at one moment:
    # free + reserved + device + evicting + restoring + releasing + isolated == online.
    type Status (
      version: string,
      pid: int,
      uptime_ms: int,
      # running or stopping; a newer daemon may know more words
      state: string,
      # all memory blocks, online or not
      capacity_bytes: int,
      online_bytes: int,
      # on no use now
      free_bytes: int,
      # promised to allocations that were not touched yet
      reserved_bytes: int,
      # holding data
      device_bytes: int,
      # holding data that is on its way to a host store
      evicting_bytes: int,
      # taken for data that is on its way back
      restoring_bytes: int,
      # given up, not back in the region yet
      releasing_bytes: int,
      # of sessions that are over, whose clients keep it from coming back: lost until then
      withheld_bytes: int,
      # free in a block that is going offline: not given out any more
      isolated_bytes: int,
      # data in host memory, mapped
      host_bytes: int,
      # data in the host stores, not mapped; an access brings it back
      stored_bytes: int,
      # under a pin
      pinned_bytes: int,
      # the most that evicted data may take, and what is promised of it
      host_limit_bytes: int,
      host_reserved_bytes: int,
      # what the region and all sessions' memory files hold, by the daemon's own books
      committed_bytes: int,
      # the same by the kernel's count, taken every AccountingInterval and after each GetStatus
      kernel_committed_bytes: int,
      # what of that no allocation accounts for: somebody wrote to his file past the daemon
      unaccounted_bytes: int,
      frame_bytes: int,
      block_bytes: int,
      # those that are known; each is online, offline or going offline
      blocks: int,
      blocks_online: int,
      blocks_offline: int,
      blocks_going_offline: int,
      # free memory: below low the pager evicts until high; below min only restores take it
      watermark_min_bytes: int,
      watermark_low_bytes: int,
      watermark_high_bytes: int,
      # whether the pager is evicting
      pressure: bool,
      sessions: int,
      allocations: int,
      # those that were asked for; fast pins are counted by ListPins
      pins: int,
      # requests that wait for memory or for somebody's pin
      waiters: int,
      # descriptors, connections and memory of clients that are being closed, or wait for it
      closings: int,
      # how many users have a session
      users: int,
      faults: int,
      evicted_frames: int,
      restored_frames: int,
      # frames whose contents were lost; anything but 0 is a bug or broken memory
      lost_frames: int,
      refused_requests: int,
      # those, and connections that were closed, for which only the user's share was taken
      refused_by_share: int,
      misbehaved_clients: int,
      # lines of the log that nobody took in time
      dropped_log_lines: int,
      # the time in which at least one session waited for the device, in microseconds
      stall_us: int,
      # how many daemons there were since the region was made; 0: nothing outlives this one
      generation: int,
      # what the supervisor should keep: compare with NFileDescriptorStore of the unit
      stored_descriptors_expected: int
    )

    # One connection of one process
    type Session (
      session: int,
      pid: int,
      uid: int,
      # the systemd unit of its cgroup, null if it is in none
      unit: ?string,
      # the process's name, which it chooses itself
      comm: string,
      # connecting, active or ending; a newer daemon may know more words
      state: string,
      arena_bytes: int,
      allocations: int,
      reserved_bytes: int,
      device_bytes: int,
      host_bytes: int,
      stored_bytes: int,
      pinned_bytes: int,
      # device memory that it holds although it is over: its client keeps it from coming back
      withheld_bytes: int,
      # what its memory file holds by the kernel's count, and what no allocation accounts for
      kernel_committed_bytes: int,
      unaccounted_bytes: int,
      faults: int,
      evicted_frames: int,
      restored_frames: int,
      # how long its threads and requests waited for the device, all of them together, in
      # microseconds
      stall_us: int,
      age_ms: int
    )

    # One allocation of one session: untouched + device + host + stored == size
    type Allocation (
      # a decimal number; a string, because many readers of JSON keep only 53 bits of a number
      allocation: string,
      session: int,
      pid: int,
      # where it begins in its session's arena
      offset_bytes: int,
      size_bytes: int,
      # 0 (evicted first) to 255
      priority: int,
      untouched_bytes: int,
      device_bytes: int,
      host_bytes: int,
      stored_bytes: int,
      pinned_bytes: int
    )

    # A pin: while it holds, its range stays where it is. All fast pins of one allocation are one.
    type Pin (
      session: int,
      pid: int,
      uid: int,
      unit: ?string,
      comm: string,
      # request (a lease that was asked for), fast (taken in shared memory, without a request) or
      # long-term (in host memory); a newer daemon may know more words
      kind: string,
      allocation: string,
      # the range, in its allocation
      offset_bytes: int,
      length_bytes: int,
      # how many pins this is: more than one of fast pins only
      count: int,
      # how long it is held; at least so long, not exactly, if it was first seen by a look (fast)
      held_ms: int,
      held_exact: bool,
      # what is left of the lease, null for a long-term pin. A fast pin's lease begins when a look
      # sees it first, with every new fast pin again
      remaining_ms: ?int,
      # request: how many pins in a row on this range it renewed, each asked for before the lease
      # of the one before it, and a default lease more, was over. fast: pins made since a look
      # first found some, no look in between having found none
      renewals: int,
      # how many requests wait for it to end, and the first few of them
      waiting: int,
      waiters: []Waiter
    )

    # A request that waits for a pin to end; of an administrator, session and pid are null
    type Waiter (
      session: ?int,
      pid: ?int,
      # allocate, migrate to device or migrate to host; a newer daemon may know more
      wish: string,
      bytes: int,
      waiting_ms: int,
      remaining_ms: int
    )

    # Who pins so many frames of what an order was about
    type Holder (
      session: int,
      pid: int,
      frames: int
    )

    # Where a migration goes
    type Target (device, host)

    method GetStatus() -> (status: Status)

    # All sessions, some in each reply. Call it with more.
    method ListSessions() -> (sessions: []Session)

    # The allocations of one session, or of all, some in each reply. Call it with more.
    method ListAllocations(session: ?int) -> (allocations: []Allocation)

    # The pins of one session, of one process, or of all, some in each reply. Call it with more.
    method ListPins(session: ?int, pid: ?int) -> (pins: []Pin)

    # Move data from the device to the host stores: of one session, one allocation, or all;
    # up to a number of bytes, or as much as there is. What is pinned stays and is counted; the
    # holders are those who pin most of it. An allocation without a session is the only one of this
    # name: where several sessions have one, it is Refused with the reason ambiguousAllocation.
    # The timeout is 10 s unless given, and at most 600 s.
    method Evict(
      session: ?int,
      allocation: ?string,
      bytes: ?int,
      timeout_ms: ?int
    ) -> (
      evicted_frames: int,
      evicted_bytes: int,
      skipped_pinned_frames: int,
      holders: []Holder
    )

    # Move one allocation to the device, or to host memory. The timeout is as for Evict.
    method Migrate(
      session: int,
      allocation: string,
      target: Target,
      timeout_ms: ?int
    ) -> (
      moved_frames: int,
      already_frames: int
    )

    # Read the configuration files again and apply what can change: a sentence for each setting
    # that has another value now, and for each that waits for a restart. Files with mistakes are
    # Refused with the reason configurationRefused, and change nothing.
    method Reload() -> (changed: []string, waiting: []string)

    # The caller is not an administrator; members of the group are, if there is one
    error NotPermitted (uid: int, group: ?string)

    error NoSuchSession (session: ?int, allocation: ?string, pid: ?int)

    error NoSuchAllocation (session: ?int, allocation: ?string, pid: ?int)

    error InvalidRange (reason: string, message: string)

    # The holder is who pins most of the device, if anybody pins any
    error OutOfDeviceMemory (
      asked_bytes: int,
      available_bytes: int,
      pinned_bytes: int,
      limit_bytes: int,
      holder_pid: ?int,
      holder_session: ?int
    )

    error OutOfHostMemory (
      asked_bytes: int,
      available_bytes: int,
      pinned_bytes: int,
      limit_bytes: int,
      holder_pid: ?int,
      holder_session: ?int
    )

    # The time was over; who stood in the way, if anybody, and what Evict had done until then
    error TimedOut (holder_pid: ?int, holder_session: ?int, evicted_frames: ?int)

    # Everything else: a reason by name, and a sentence
    error Refused (reason: string, message: string)
    """
}
