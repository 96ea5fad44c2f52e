// The sockets that a supervisor passed to this program: sd_listen_fds(3).
import CSystemd
import CoherentSystem

enum PassedSockets {
  private static let firstDescriptor: CInt = 3

  /// The one that was passed; nil if none was. Throws if there are several: which of them?
  static func only() throws(Complaint) -> LocalSocket? {
    let count = sd_listen_fds(1)
    guard count > 0 else { return nil }
    guard count == 1 else {
      throw Complaint(
        "\(count) sockets were passed, and one can be served", status: Complaint.failureStatus)
    }
    let socket = LocalSocket(adopting: Descriptor(owning: firstDescriptor))
    do throws(SystemError) {
      try socket.descriptor.setNonBlocking()
    } catch {
      throw Complaint("\(error)", status: Complaint.failureStatus)
    }
    return socket
  }
}
