// Why memory for the device cannot be had, in a sentence with the numbers and with what would help.

import CoherentSystem

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
  /// The kernel gives memory files no huge pages.
  case noHugePages(HugePages, setting: String?)
  case system(SystemError)

  var description: String {
    switch self {
    case .hostTooSmall(let what, let wanted, let available):
      "\(what) needs \(SizeText.render(wanted)) of host memory, \(SizeText.render(available)) "
        + "are available, \(SizeText.render(wanted - available)) are missing; "
        + "lower Blocks= or BlockSize= in [Region], or free host memory"
    case .nodeTooSmall(let what, let node, let wanted, let spare, let available):
      "\(what) needs \(SizeText.render(wanted)) of node \(node)'s memory, and "
        + "\(SizeText.render(spare)) that stay free, \(SizeText.render(available)) are available "
        + "there, \(SizeText.render(wanted + spare - available)) are missing"
    case .misplaced(let block, let node, let pages, let misplaced):
      "of the \(pages) pages of block \(block), \(misplaced) lie on other nodes than node "
        + "\(node), which had no room for them; its memory was given back"
    case .notHuge(let block, let pages, let bytes, let huge):
      "of the \(SizeText.render(bytes)) of block \(block), \(SizeText.render(bytes - huge)) are "
        + "not in pages of \(pages.rawValue), since memory is too fragmented; its memory was given "
        + "back"
    case .noHugePages(let pages, let setting):
      "HugePages=\(pages.rawValue) is configured, and the kernel gives memory files no huge pages: "
        + (setting.map { "\(HugeMemory.settingPath) says \($0); write always or within_size to it" }
          ?? "it has no \(HugeMemory.settingPath)")
    case .system(let error): "cannot make the region: \(error)"
    }
  }
}
