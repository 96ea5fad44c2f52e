// Seals of a memory file: promises that the kernel keeps to everybody who holds it, and that nobody
// takes back. Sealing the size leaves punching possible; sealing writes does not, for us neither.

import CLinux
import Glibc

extension MemoryFile {
  /// Fixes the size, and forbids further seals: fcntl(2), F_ADD_SEALS with F_SEAL_SHRINK,
  /// F_SEAL_GROW and F_SEAL_SEAL. So no holder can add a seal that would stop punching.
  package borrowing func seal() throws(SystemError) {
    try add(clinux_F_SEAL_SHRINK | clinux_F_SEAL_GROW | clinux_F_SEAL_SEAL)
  }

  /// As `seal`, and nobody can write any more except through writable mappings that exist already:
  /// F_SEAL_FUTURE_WRITE. For tables that only their creator writes, mapped by it before this call.
  package borrowing func sealAgainstFutureWrites() throws(SystemError) {
    try add(
      clinux_F_SEAL_FUTURE_WRITE | clinux_F_SEAL_SHRINK | clinux_F_SEAL_GROW | clinux_F_SEAL_SEAL)
  }

  /// Whether the size can never change: fcntl(2), F_GET_SEALS. To be asked of a file that a peer
  /// sent, before it is mapped.
  package borrowing func hasFixedSize() throws(SystemError) -> Bool {
    let fixed = clinux_F_SEAL_SHRINK | clinux_F_SEAL_GROW
    return try seals() & fixed == fixed
  }

  /// Whether nobody can write to it any more through the file or a new mapping.
  package borrowing func refusesFutureWrites() throws(SystemError) -> Bool {
    try seals() & (clinux_F_SEAL_FUTURE_WRITE | clinux_F_SEAL_WRITE) != 0
  }

  private borrowing func seals() throws(SystemError) -> CInt {
    let number = raw
    return try checked("fcntl", "F_GET_SEALS") { clinux_get_seals(number) }
  }

  private borrowing func add(_ seals: CInt) throws(SystemError) {
    let number = raw
    try checked("fcntl", "F_ADD_SEALS \(seals)") { clinux_add_seals(number, seals) }
  }
}
