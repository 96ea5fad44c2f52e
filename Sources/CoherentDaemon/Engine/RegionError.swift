// Why memory for the device cannot be had, in a sentence with the numbers and with what would help.

import CoherentSystem
import CoherentWire

enum RegionError: Error, CustomStringConvertible {
  /// `what` is the region or a block of it.
  case hostTooSmall(what: String, wantedBytes: UInt64, availableBytes: UInt64)
  /// The node has to keep some of its memory free, beside what is wanted.
  case nodeTooSmall(
    what: String, node: Int, wantedBytes: UInt64, spareBytes: UInt64, availableBytes: UInt64)
  /// What was committed lies elsewhere, and was given back.
  case misplaced(block: Int, node: Int, pages: Int, misplacedPages: Int)
  /// What was committed is not all in huge pages, and was given back.
  case notHuge(block: Int, HugePages, bytes: UInt64, hugeBytes: UInt64)
  /// The daemon stops; what was committed was given back.
  case stopping
  /// The kernel gives memory files no huge pages.
  case noHugePages(HugePages, setting: String?)
  case system(SystemError)

  var description: String {
    switch self {
    case .hostTooSmall(let what, let wanted, let available):
      "\(what): \(HumanSize(wanted)) of host memory needed, \(HumanSize(available)) available, "
        + "\(HumanSize(wanted - available)) missing; free host memory, or bring fewer blocks "
        + "online (at a start: Blocks= in [Region])"
    case .nodeTooSmall(let what, let node, let wanted, let spare, let available):
      "\(what): \(HumanSize(wanted)) of node \(node)'s memory needed, and \(HumanSize(spare)) that "
        + "stay free, \(HumanSize(available)) available, "
        + "\(HumanSize(wanted + spare - available)) missing"
    case .misplaced(let block, let node, let pages, let misplaced):
      misplaced > 0
        ? "of the \(pages) pages of block \(block), \(misplaced) lie on other nodes than node "
          + "\(node), which had no room for them; its memory was given back"
        : "only \(pages) pages of block \(block) were found again where they were committed; its "
          + "memory was given back"
    case .notHuge(let block, let pages, let bytes, let huge):
      "of the \(HumanSize(bytes)) of block \(block), \(HumanSize(bytes - huge)) are "
        + "not in pages of \(pages.rawValue): memory is too fragmented, or "
        + "\(HugeMemory.settingPath) does not allow them; its memory was given back"
    case .noHugePages(let pages, let setting):
      "HugePages=\(pages.rawValue) is configured, and the kernel gives memory files no huge pages: "
        + (setting.map { "\(HugeMemory.settingPath) says \($0); write always or within_size to it" }
          ?? "it has no \(HugeMemory.settingPath)")
    case .stopping: "the daemon is stopping"
    case .system(let error): "memory for the device cannot be had or looked at: \(error)"
    }
  }
}
