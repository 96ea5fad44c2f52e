// Which daemon to measure, and how to say what was found: the options that every command has.

import ArgumentParser
import Coherent
import CoherentControl

struct DaemonOptions: ParsableArguments, Sendable {
  @Option(
    help: ArgumentHelp(
      "Use the daemon whose clients' socket this is, instead of starting one.", valueName: "path"),
    completion: .file())
  var socket: String?

  @Option(
    help: ArgumentHelp("That daemon's control socket.", valueName: "path"), completion: .file())
  var control: String?

  @Flag(help: "Print JSON, one object a line.")
  var json = false

  @Option(
    help: ArgumentHelp(
      "The device of the daemon that is started: 4M or more, a multiple of 2M. (default: what the "
        + "scenario needs)", valueName: "size"))
  var device: SizeArgument?

  @Flag(
    help: ArgumentHelp(
      "Give the daemon that is started huge pages and frames of 2M, where the kernel has them."))
  var hugePages = false

  /// Whether the daemon was running before, and is neither moved nor stopped.
  var isForeignDaemon: Bool { socket != nil || control != nil }
  var socketPath: String { socket ?? Client.defaultSocketPath }
  var controlPath: String { control ?? ControlClient.defaultPath }

  func validate() throws {
    guard !hugePages || !isForeignDaemon else {
      throw ValidationError("--huge-pages is for a daemon that is started; leave out --socket.")
    }
    if let device {
      guard !isForeignDaemon else {
        throw ValidationError("--device is for a daemon that is started; leave out --socket.")
      }
      guard DaemonPlan.accepts(deviceBytes: device.bytes) else {
        throw ValidationError("--device takes 4M or more, a multiple of 2M.")
      }
    }
  }
}
