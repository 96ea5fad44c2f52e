// The list of TouchRule: who touches an object that a client holds or can lock, from which thread,
// and why nobody else waits there. A file that is new here, or calls more than it did, answers that
// first.

enum TouchList {
  static let all: [Touch] = [
    Touch(
      "CoherentControl/Client/ControlClient.swift",
      "The administrators' own program: it waits for nobody but the daemon.",
      ["Descriptor": 1, "receive": 4]),
    Touch(
      "CoherentControl/Connection/ControlConnection.swift",
      "Bytes that have been received already, taken apart.",
      ["receive": 1]),
    Touch(
      "CoherentControl/Server/ControlLoop.swift",
      "The administration's thread: accepts without waiting.",
      ["accept": 2, "wake": 1]),
    Touch(
      "CoherentControl/Server/ControlPeer.swift",
      "The administration's thread: looks first, and receives bytes without waiting.",
      ["receive": 1]),
    Touch(
      "CoherentDaemon/Administration/DaemonControlSource+Blocks.swift",
      "The core's own word, no file's.",
      ["fill": 1]),
    Touch(
      "CoherentDaemon/Administration/DaemonControlSource+Pins.swift",
      "The administration's thread: names a holder.",
      ["ProcessDescription": 1]),
    Touch(
      "CoherentDaemon/Administration/DaemonControlSource.swift",
      "The administration's thread: names a client, and wakes the accountant.",
      ["ProcessDescription": 1, "wake": 1]),
    Touch(
      "CoherentDaemon/Administration/ProcessDescription.swift",
      "The name and the control group of a process, for which no lock of its memory is taken.",
      ["read": 1]),
    Touch(
      "CoherentDaemon/Configuration/ConfigurationLocation+Reading.swift",
      "The reader's thread: files of the administrator, none of a client.",
      ["read": 1]),
    Touch(
      "CoherentDaemon/Connections/ConnectionLoop+Newcomers.swift",
      "The control loop: accepts without waiting, and receives no descriptor.",
      ["ProcessDescriptor": 1, "accept": 1]),
    Touch(
      "CoherentDaemon/Connections/ConnectionLoop+Requests.swift",
      "The control loop: takes the one descriptor that an attach brings; a closer closes it.",
      ["Userfault": 1]),
    Touch(
      "CoherentDaemon/Connections/ConnectionLoop+Seconds.swift",
      "Wakes a thread of the daemon's own.",
      ["wake": 1]),
    Touch(
      "CoherentDaemon/Connections/ConnectionLoop.swift",
      "The control loop: its own name for an event.",
      ["accept": 1]),
    Touch(
      "CoherentDaemon/Connections/Listening.swift",
      "Before anybody is served: sockets of the supervisor.",
      ["Descriptor": 1]),
    Touch(
      "CoherentDaemon/Connections/ListeningError.swift",
      "Before anybody is served: names whoever has the path.",
      ["ProcessDescription": 2]),
    Touch(
      "CoherentDaemon/Engine/Performer.swift",
      "Wakes a thread of the daemon's own.",
      ["wake": 1]),
    Touch(
      "CoherentDaemon/Engine/RegionFile+Checks.swift",
      "The region, which no client has.",
      ["PageLocator": 1]),
    Touch(
      "CoherentDaemon/Engine/RegionFile.swift",
      "The region, which no client has.",
      ["MemoryFile": 1, "committedBytes": 1, "fill": 2, "punch": 4, "seal": 1]),
    Touch(
      "CoherentDaemon/Pager/AddressRange+Proof.swift",
      "The session's own pager, while its client attaches.",
      ["continueRange": 1, "fill": 1, "punch": 2]),
    Touch(
      "CoherentDaemon/Pager/AddressRange.swift",
      "The session's own threads: its pager, or one that rescues it and may be given up.",
      [
        "continueRange": 2, "poison": 2, "register": 1, "unregister": 2, "wake": 3,
        "writeProtect": 1,
      ]),
    Touch(
      "CoherentDaemon/Pager/FrameCopier.swift",
      "The session's own pager.",
      ["fill": 1, "read": 2, "write": 2]),
    Touch(
      "CoherentDaemon/Pager/Pager+Faults.swift",
      "The session's own pager.",
      ["fill": 4, "poison": 3, "punch": 1]),
    Touch(
      "CoherentDaemon/Pager/Pager+Jobs.swift",
      "The session's own pager.",
      ["fill": 1, "punch": 4, "wake": 2]),
    Touch(
      "CoherentDaemon/Pager/Pager+Losses.swift",
      "The session's own pager.",
      ["poison": 1]),
    Touch(
      "CoherentDaemon/Pager/Pager+Mapping.swift",
      "The session's own pager, while its client attaches.",
      ["fill": 1, "punch": 1, "read": 1]),
    Touch(
      "CoherentDaemon/Pager/Pager+Surrender.swift",
      "The session's own pager, while the daemon stops.",
      ["fill": 1, "poison": 1, "punch": 1, "unregister": 1]),
    Touch(
      "CoherentDaemon/Pager/Pager.swift",
      "The session's own pager.",
      ["readFaults": 2, "register": 1, "wake": 2]),
    Touch(
      "CoherentDaemon/Placement/SessionSight.swift",
      "A thread of the session's own that looks at its pages, and may be given up.",
      ["PageLocator": 1]),
    Touch(
      "CoherentDaemon/Recovery/AdoptedSession.swift",
      "While starting: who the peer is, by its socket.",
      ["ProcessDescriptor": 1]),
    Touch(
      "CoherentDaemon/Recovery/Inheritance.swift",
      "Before anybody is served: the ledger, which no client has.",
      ["Mapping": 1]),
    Touch(
      "CoherentDaemon/Recovery/KeptDescriptors.swift",
      "Before anybody is served: takes over what the daemon before had, and asks each what it is.",
      ["Descriptor": 1, "MemoryFile": 2, "Userfault": 1]),
    Touch(
      "CoherentDaemon/Recovery/Leftovers.swift",
      "The session's own pager, before it serves.",
      ["punch": 2]),
    Touch(
      "CoherentDaemon/Recovery/LostSession.swift",
      "A thread of its own, for which nobody waits.",
      ["dataRanges": 1]),
    Touch(
      "CoherentDaemon/Recovery/SessionKeeper.swift",
      "A file of the daemon's own, which no client has.",
      ["Mapping": 1, "MemoryFile": 1, "seal": 1]),
    Touch(
      "CoherentDaemon/Session/Accountant.swift",
      "Its own thread: fstat(2), which takes no lock of a memory file.",
      ["committedBytes": 2, "wake": 1]),
    Touch(
      "CoherentDaemon/Session/ClientFile.swift",
      "Whoever calls has the heartbeat of a thread of the session's own.",
      [
        "Mapping": 2, "committedBytes": 1, "dataRanges": 1, "fill": 1, "punch": 1, "read": 1,
        "write": 1,
      ]),
    Touch(
      "CoherentDaemon/Session/ClientSession+Release.swift",
      "The session's own pager, or its release thread if that hangs.",
      ["committedBytes": 1, "punch": 4]),
    Touch(
      "CoherentDaemon/Session/ClientSession.swift",
      "The control loop: looks its unit up, for which no lock of its memory is taken.",
      ["ProcessDescription": 1]),
    Touch(
      "CoherentDaemon/Session/SessionMemory.swift",
      "A new file, before its client has it.",
      ["Mapping": 1, "MemoryFile": 2, "seal": 2]),
    Touch(
      "CoherentDaemon/Systemd/Notifier.swift",
      "Copies for the supervisor, which keeps them open.",
      ["Descriptor": 2]),
  ]
}
