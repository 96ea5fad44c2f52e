// The part of the interface's text that is about seeing what the device does: the map, the
// pressure, the events, and why an allocation is where it is.

extension ControlInterface {
  static let seeing = """

    # A run of device frames that are alike
    type MapRun (
      first_frame: int,
      frames: int,
      block: int,
      # free, reserved, device, evicting, restoring, releasing, isolated or offline; a newer daemon
      # may know more words
      state: string,
      # whose data is there, if anybody's
      session: ?int,
      pid: ?int,
      pinned: bool
    )

    # The part of the time that was lost to waiting for the device, in the kernel's format for
    # pressure: percent of the last 10, 60 and 300 seconds, and all of it in microseconds
    type Stall (
      avg10: float,
      avg60: float,
      avg300: float,
      total_us: int
    )

    # Something that was done
    type Event (
      # counts up from 1 since the daemon started, without gaps
      number: int,
      # since 1970, in microseconds
      time_us: int,
      # evicted, restored, revoked, refused, block, pressure, session or data-lost; a newer daemon
      # may know more words
      kind: string,
      # whose memory it is about, if anybody's
      session: ?int,
      pid: ?int,
      allocation: ?string,
      bytes: int,
      # what it was done for: pressure, allocation, administrator, migration, long-term-pin,
      # block-offline, access, pin, advice, promotion, lease, limit and others
      cause: string,
      # whose wish it was, if somebody's
      by_session: ?int,
      by_pid: ?int,
      # of kind block: which, and its state since then
      block: ?int,
      state: ?string,
      # all of it as a sentence
      text: string
    )

    # Why so many bytes are in one place
    type Reason (
      # untouched, device, host or stored
      place: string,
      bytes: int,
      # as a word, and as a sentence
      reason: string,
      text: string
    )

    # One allocation: where it is, why, and what was done to it lately.
    # untouched + device + host + stored == size
    type Why (
      session: int,
      pid: int,
      allocation: string,
      offset_bytes: int,
      size_bytes: int,
      priority: int,
      untouched_bytes: int,
      device_bytes: int,
      host_bytes: int,
      stored_bytes: int,
      # of these, on their way
      moving_bytes: int,
      pinned_bytes: int,
      reasons: []Reason,
      # the oldest first
      history: []Event,
      # since when everything is remembered, in microseconds since 1970; null: since it was made
      remembered_since_us: ?int
    )

    # What every device frame is used for, some runs in each reply. Call it with more.
    method GetMap() -> (frame_bytes: int, block_frames: int, runs: []MapRun)

    # some: at least one session waited. full: all that had something to do waited.
    method GetPressure() -> (some: Stall, full: Stall)

    # Events with a number above this one; 0: only those to come; null, or a number that no event
    # has yet: all that are remembered. With follow it goes on for as long as the caller stays, and
    # the first reply comes at once. dropped counts those that this reader was too slow for, up to
    # the last of this reply. Where they are not null, only events of these kinds, about or by this
    # session, and not before or after these times (since 1970, in microseconds). Call it with more.
    method FollowEvents(
      after: ?int,
      follow: ?bool,
      kinds: ?[]string,
      session: ?int,
      since_us: ?int,
      until_us: ?int
    ) -> (events: []Event, dropped: int)

    # An allocation of one session, or of every session that has one of this name
    method Explain(session: ?int, allocation: string) -> (why: []Why)
    """ + "\n"
}
