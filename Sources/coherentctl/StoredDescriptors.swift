// How many descriptors systemd really keeps for the daemon: storing can fail without a word, so
// the number that should be there proves nothing. Asked of systemd itself, by its bus, or as root
// by its private socket where there is none.

import CSystemd
import Glibc

enum StoredDescriptors {
  /// A systemd that has not answered by then is not waited for.
  private static let timeoutMicroseconds: UInt64 = 1_000_000
  private static let privateAddress = "unix:path=/run/systemd/private"
  private static let manager = "org.freedesktop.systemd1"

  /// The property NFileDescriptorStore of the unit that a process is in; nil where it is in none,
  /// or nobody can be asked.
  static func count(process: Int32) -> UInt64? {
    guard let path = unitPath(process) else { return nil }
    return ask(path, opening: { sd_bus_open_system(&$0) })
      ?? ask(
        path,
        opening: { bus in
          guard sd_bus_new(&bus) >= 0, sd_bus_set_address(bus, privateAddress) >= 0 else {
            return -1
          }
          return sd_bus_start(bus)
        })
  }

  /// The object of the process's unit: sd_pid_get_unit(3), sd_bus_path_encode(3).
  private static func unitPath(_ process: pid_t) -> String? {
    var unit: UnsafeMutablePointer<CChar>?
    guard sd_pid_get_unit(process, &unit) >= 0, let unit else { return nil }
    defer { free(unit) }
    var path: UnsafeMutablePointer<CChar>?
    guard sd_bus_path_encode("/org/freedesktop/systemd1/unit", unit, &path) >= 0, let path else {
      return nil
    }
    defer { free(path) }
    // SAFETY: libsystemd gave a string that ends in zero, and it is ours.
    return String(cString: path)
  }

  private static func ask(
    _ path: String, opening open: (inout OpaquePointer?) -> CInt
  ) -> UInt64? {
    var bus: OpaquePointer?
    defer { _ = sd_bus_flush_close_unref(bus) }
    guard open(&bus) >= 0, let bus else { return nil }
    _ = sd_bus_set_method_call_timeout(bus, timeoutMicroseconds)
    var stored: UInt32 = 0
    let unsigned = CChar(UInt8(ascii: "u"))
    let result = sd_bus_get_property_trivial(
      bus, manager, path, "\(manager).Service", "NFileDescriptorStore", nil, unsigned, &stored)
    return result >= 0 ? UInt64(stored) : nil
  }
}
