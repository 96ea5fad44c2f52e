// What the daemon tells systemd, and what systemd hands to it, by libsystemd. Without a supervisor
// every call does nothing.

import CSystemd
import Glibc

enum Supervisor {
  /// The service is up: sd_notify(3).
  static func ready(status: String) { notify("READY=1\nSTATUS=\(status)") }

  static func stopping() { notify("STOPPING=1\nSTATUS=stopping: giving memory back") }

  static func status(_ text: String) { notify("STATUS=\(text)") }

  /// The listening sockets that were passed, by their names: sd_listen_fds_with_names(3).
  static func passedSockets() -> [String: CInt] {
    var names: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
    let count = sd_listen_fds_with_names(1, &names)
    guard count > 0, let names else { return [:] }
    var sockets: [String: CInt] = [:]
    for index in 0..<Int(count) {
      // SAFETY: the array holds `count` strings of malloc, which we own now.
      guard let name = names[index] else { continue }
      sockets[String(cString: name)] = CInt(3 + index)
      free(name)
    }
    free(names)
    return sockets
  }

  private static func notify(_ state: String) { _ = sd_notify(0, state) }
}
