// The sockets that the daemon listens on: those that the supervisor passed, else its own, made
// with the owner and the mode that the configuration names.

import CoherentSystem

enum Listening {
  /// As the socket units name them.
  private static let clientName = "coherentd"
  private static let controlName = "varlink"

  static func client(
    _ configuration: Configuration, _ passed: [String: CInt]
  ) throws -> LocalSocket {
    if let raw = passed[clientName] { return LocalSocket(adopting: Descriptor(owning: raw)) }
    let group = try group(configuration.clientSocketGroup)
    try makeDirectory(of: configuration.clientSocketPath)
    return try LocalSocket.listen(
      path: configuration.clientSocketPath, kind: .sequentialPacket,
      mode: configuration.clientSocketMode, group: group)
  }

  static func control(
    _ configuration: Configuration, _ passed: [String: CInt]
  ) throws -> LocalSocket {
    if let raw = passed[controlName] { return LocalSocket(adopting: Descriptor(owning: raw)) }
    let group = try group(configuration.controlSocketGroup)
    try makeDirectory(of: configuration.controlSocketPath)
    return try LocalSocket.listen(
      path: configuration.controlSocketPath, kind: .stream,
      mode: configuration.controlSocketMode, group: group)
  }

  static func group(_ name: String?) throws -> UInt32? {
    guard let name else { return nil }
    if let number = UInt32(name) { return number }
    guard let group = UserGroup(named: name) else { throw ListeningError.unknownGroup(name) }
    return group.number
  }

  /// Removes the files of the sockets that are ours; a supervisor keeps its own.
  static func removeFiles(_ configuration: Configuration, _ passed: [String: CInt]) {
    if passed[clientName] == nil { try? SmallFile.remove(path: configuration.clientSocketPath) }
    if passed[controlName] == nil { try? SmallFile.remove(path: configuration.controlSocketPath) }
  }

  private static func makeDirectory(of path: String) throws(SystemError) {
    guard let slash = path.lastIndex(of: "/"), slash > path.startIndex else { return }
    let directory = String(path[..<slash])
    guard !SmallFile.exists(path: directory) else { return }
    try Directory.create(path: directory, mode: 0o755)
  }
}

enum ListeningError: Error, CustomStringConvertible {
  case unknownGroup(String)

  var description: String {
    switch self {
    case .unknownGroup(let name):
      "there is no group '\(name)'; create it, or change ClientGroup= or ControlGroup= in [Sockets]"
    }
  }
}
