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
      "The administration's thread: receives without waiting; what came with it is not wanted.",
      ["Descriptor": 1, "receive": 2]),
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
      "The administration's thread: names a client.",
      ["ProcessDescription": 1]),
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
      "The control loop: accepts and receives without waiting.",
      ["Descriptor": 1, "ProcessDescriptor": 1, "accept": 1, "receive": 1]),
    Touch(
      "CoherentDaemon/Connections/ConnectionLoop+Requests.swift",
      "The control loop: receives without waiting.",
      ["Descriptor": 1, "Userfault": 1, "receive": 1]),
    Touch(
      "CoherentDaemon/Connections/ConnectionLoop.swift",
      "The control loop: its own name for an event.",
      ["accept": 1]),
    Touch(
      "CoherentDaemon/Connections/Listening.swift",
      "Before anybody is served: sockets of the supervisor.",
      ["Descriptor": 1]),
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
      "CoherentDaemon/Pager/AddressRange.swift",
      "The session's own pager.",
      [
        "continueRange": 2, "poison": 1, "register": 1, "unregister": 1, "wake": 3,
        "writeProtect": 1,
      ]),
    Touch(
      "CoherentDaemon/Pager/FrameCopier.swift",
      "The session's own pager.",
      ["Mapping": 1, "fill": 1, "read": 2, "write": 2]),
    Touch(
      "CoherentDaemon/Pager/Pager+Faults.swift",
      "The session's own pager.",
      ["fill": 4, "poison": 2, "punch": 1]),
    Touch(
      "CoherentDaemon/Pager/Pager+Jobs.swift",
      "The session's own pager.",
      ["fill": 1, "punch": 4, "wake": 1]),
    Touch(
      "CoherentDaemon/Pager/Pager+Losses.swift",
      "The session's own pager.",
      ["poison": 1]),
    Touch(
      "CoherentDaemon/Pager/Pager+Surrender.swift",
      "The session's own pager, while the daemon stops.",
      ["fill": 1, "poison": 1, "punch": 1, "unregister": 1]),
    Touch(
      "CoherentDaemon/Pager/Pager.swift",
      "The session's own pager.",
      ["readFaults": 2, "register": 1, "wake": 1]),
    Touch(
      "CoherentDaemon/Placement/BlockCheck.swift",
      "The region, which no client has.",
      ["PageLocator": 1]),
    Touch(
      "CoherentDaemon/Recovery/AdoptedSession.swift",
      "While starting, of one session after the other.",
      ["ProcessDescriptor": 1, "punch": 4]),
    Touch(
      "CoherentDaemon/Recovery/Inheritance.swift",
      "Before anybody is served: the ledger, which no client has.",
      ["Mapping": 1]),
    Touch(
      "CoherentDaemon/Recovery/KeptDescriptors.swift",
      "Before anybody is served: takes over what the daemon before had, and asks each what it is.",
      ["Descriptor": 1, "MemoryFile": 2, "Userfault": 1]),
    Touch(
      "CoherentDaemon/Recovery/LostSession.swift",
      "While starting: how much a session that is given up had stored.",
      ["dataRanges": 1]),
    Touch(
      "CoherentDaemon/Recovery/SessionKeeper.swift",
      "A file of the daemon's own, which no client has.",
      ["Mapping": 1, "MemoryFile": 1, "seal": 1]),
    Touch(
      "CoherentDaemon/Session/ClientSession.swift",
      "The session's own pager; its unit is looked up by the control loop.",
      ["ProcessDescription": 1, "punch": 3]),
    Touch(
      "CoherentDaemon/Session/SessionMemory.swift",
      "A new file, before its client has it.",
      ["Mapping": 2, "MemoryFile": 2, "seal": 2]),
    Touch(
      "CoherentDaemon/Systemd/Notifier.swift",
      "Copies for the supervisor, which keeps them open.",
      ["Descriptor": 2]),
  ]
}
