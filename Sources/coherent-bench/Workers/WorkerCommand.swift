// The roles that the benchmark's own children play. Not for people: each expects a channel on an
// inherited descriptor and ends when that is hung up.

import ArgumentParser
import CoherentSystem

struct WorkerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "worker", abstract: "A child of a benchmark.", shouldDisplay: false,
    subcommands: [
      EchoRole.self, FaultHandlerRole.self, ManyRole.self, PressureRole.self, FilesRole.self,
      CrowdRole.self, VictimRole.self, BareVictimRole.self, SurvivorRole.self, VisitorRole.self,
      NeighbourRole.self,
    ])
}

/// A role is played by a process of its own.
protocol WorkerRole: ParsableCommand {
  var line: ChannelOptions { get }
  func play(_ channel: Channel) throws
}

extension WorkerRole {
  func run() throws {
    // The terminal's Ctrl-C is for the parent, which ends its children in order.
    let signals = try SignalDescriptor(signals: [Signal.interrupt])
    _ = consume signals
    try play(Channel(inherited: line.channel))
  }
}

struct ChannelOptions: ParsableArguments {
  @Option var channel: Int32
}
