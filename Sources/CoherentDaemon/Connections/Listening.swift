// The sockets that the daemon listens on: those that the supervisor passed, else its own, made
// with the owner and the mode that the configuration names.

import CoherentSystem

enum Listening {
  /// As the socket units name them.
  private static let clientName = "coherentd"
  private static let controlName = "varlink"
  static let names: Set = [clientName, controlName]

  static func client(
    _ configuration: Configuration, _ passed: [String: CInt]
  ) throws -> LocalSocket {
    try socket(
      passed[clientName], .sequentialPacket, path: configuration.clientSocketPath,
      mode: configuration.clientSocketMode, group: configuration.clientSocketGroup)
  }

  static func control(
    _ configuration: Configuration, _ passed: [String: CInt]
  ) throws -> LocalSocket {
    try socket(
      passed[controlName], .stream, path: configuration.controlSocketPath,
      mode: configuration.controlSocketMode, group: configuration.controlSocketGroup)
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

  /// Adopts what was passed; makes one where nothing was. What systemd passes blocks, unless its
  /// unit says otherwise, and a loop that accepts would wait in it.
  private static func socket(
    _ passed: CInt?, _ kind: LocalSocket.Kind, path: String, mode: UInt32, group name: String?
  ) throws -> LocalSocket {
    if let passed {
      let socket = LocalSocket(adopting: Descriptor(owning: passed))
      try socket.descriptor.setNonBlocking()
      return socket
    }
    let group = try group(name)
    try makeDirectory(of: path)
    return try LocalSocket.listen(path: path, kind: kind, mode: mode, group: group)
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
