// Why the daemon cannot listen where it should, as an administrator wants to hear it.

import CoherentControl
import CoherentSystem

enum ListeningError: Error, CustomStringConvertible {
  case unknownGroup(String)
  /// Somebody listens at a path already.
  case taken(path: String, process: Int32?, holder: ProcessDescription, serving: Int32?)
  /// What is at the path is no socket.
  case notASocket(path: String, what: String)
  /// A socket that nobody listens at, which this process may not replace.
  case leftOver(path: String)

  var description: String {
    switch self {
    case .unknownGroup(let name):
      "there is no group '\(name)'; create it, or change ClientGroup= or ControlGroup= in [Sockets]"
    case .taken(let path, let process, let holder, let serving):
      "the socket \(path) is taken: \(Self.sentence(process, holder, serving)); "
        + "stop it, or name another path in [Sockets]"
    case .notASocket(let path, let what):
      "at the path of the socket \(path) is \(what), which is left alone; "
        + "remove it, or name another path in [Sockets]"
    case .leftOver(let path):
      "the socket \(path) is left over from a daemon that has gone, and this user may not replace "
        + "it; remove it, or name another path in [Sockets]"
    }
  }

  private static func sentence(
    _ process: Int32?, _ holder: ProcessDescription, _ serving: Int32?
  ) -> String {
    guard let process else { return "somebody listens there" }
    let command = holder.command.isEmpty ? "" : " (\(holder.command))"
    // The supervisor listens for its service.
    guard process == 1 else {
      let unit = holder.unit.map { ", of \($0)" } ?? ""
      return "process \(process)\(command)\(unit) listens there"
    }
    let state =
      serving.map { "which runs as process \($0)" }
      ?? "which starts with its first client (systemctl status coherentd)"
    return "process 1\(command) listens there for the service, \(state)"
  }

  /// What is wrong with listening at a path; nil if it is free, or can be made free.
  static func about(
    _ path: String, controlPath: String
  ) throws(SystemError) -> ListeningError? {
    switch try PathOccupant.lasting(path) {
    case .nothing, .stale: return nil
    case .other(let what): return .notASocket(path: path, what: what)
    case .listener(let process):
      return .taken(
        path: path, process: process,
        holder: process.map { ProcessDescription(ofListener: $0) } ?? ProcessDescription(),
        serving: process == 1 ? serving(controlPath) : nil)
    }
  }

  private static let answerMilliseconds = 2000

  /// The process that serves the sockets which a supervisor holds, if one does.
  private static func serving(_ controlPath: String) -> Int32? {
    do throws(ControlFailure) {
      var control = try ControlClient(
        path: controlPath, answerMilliseconds: Self.answerMilliseconds)
      return try control.status().process
    } catch {
      return nil
    }
  }
}
