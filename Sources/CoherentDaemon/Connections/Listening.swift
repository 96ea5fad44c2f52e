// The sockets that the daemon listens on: those that the supervisor passed, else its own, made
// with the owner and the mode that the configuration names.

import CoherentSystem

enum Listening {
  /// As the socket units name them.
  private static let clientName = "coherentd"
  private static let controlName = "varlink"
  static let names: Set = [clientName, controlName]

  static func client(
    _ configuration: Configuration, _ passed: [String: CInt], _ files: ListeningFiles
  ) throws -> LocalSocket {
    if let passed = passed[clientName] { return try adopted(passed) }
    let listening = try made(
      .sequentialPacket, path: configuration.clientSocketPath,
      mode: configuration.clientSocketMode, group: configuration.clientSocketGroup, files)
    files.keepClient(listening.file)
    return listening.socket
  }

  static func control(
    _ configuration: Configuration, _ passed: [String: CInt], _ files: ListeningFiles
  ) throws -> LocalSocket {
    if let passed = passed[controlName] { return try adopted(passed) }
    let listening = try made(
      .stream, path: configuration.controlSocketPath,
      mode: configuration.controlSocketMode, group: configuration.controlSocketGroup, files)
    files.keepControl(listening.file)
    return listening.socket
  }

  /// Throws where the sockets could not be made, before anything else is: a second daemon takes no
  /// memory, and leaves nothing.
  static func check(_ configuration: Configuration, _ passed: [String: CInt]) throws {
    let control = configuration.controlSocketPath
    for (name, path) in [(clientName, configuration.clientSocketPath), (controlName, control)]
    where passed[name] == nil {
      if let error = try ListeningError.about(path, controlPath: control) { throw error }
    }
  }

  static func group(_ name: String?) throws -> UInt32? {
    guard let name else { return nil }
    if let number = UInt32(name) { return number }
    guard let group = UserGroup(named: name) else { throw ListeningError.unknownGroup(name) }
    return group.number
  }

  /// What systemd passes blocks, unless its unit says otherwise, and a loop that accepts would wait
  /// in it.
  private static func adopted(_ passed: CInt) throws(SystemError) -> LocalSocket {
    let socket = LocalSocket(adopting: Descriptor(owning: passed))
    try socket.descriptor.setNonBlocking()
    return socket
  }

  private static func made(
    _ kind: LocalSocket.Kind, path: String, mode: UInt32, group name: String?,
    _ files: ListeningFiles
  ) throws -> ListeningSocket {
    let group = try group(name)
    try files.makeDirectory(of: path)
    do throws(SystemError) {
      return try LocalSocket.listenWithFile(path: path, kind: kind, mode: mode, group: group)
    } catch {
      guard error.isAddressInUse else { throw error }
      throw try ListeningError.about(path, controlPath: path) ?? .leftOver(path: path)
    }
  }
}
