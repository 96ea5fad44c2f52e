// Where the configuration's files are: one named file with its drop-ins, or the places that
// systemd's own daemons search. It is pure: it turns lists of names into the order of reading. An
// earlier directory hides a file of the same name in a later one, so that a link to /dev/null in
// /etc, which reads as an empty file, masks what a package brought.

package enum ConfigurationLocation: Equatable, Sendable {
  /// Exactly this file, which must exist, and PATH.d/*.conf.
  case file(String)
  /// The first `coherentd/coherentd.conf` below these directories, if there is one, and all of
  /// `coherentd/coherentd.conf.d/*.conf` below them. The first directory has precedence.
  case searched([String])

  /// The search of an ordinary start.
  package static let standard = ConfigurationLocation.searched([
    "/etc", "/run", "/usr/local/lib", "/usr/lib",
  ])

  /// More drop-ins than this are refused: somebody named the wrong directory.
  package static let maximumDropIns = 256
  /// What lies beside the drop-ins is looked at too; more than this is refused for the same reason.
  static let maximumEntries = 4096
  /// All files together; each for itself may have `ConfigurationSource.maximumBytes`.
  package static let maximumTotalBytes = 16 << 20

  /// The main files to try, the first that exists being the one.
  var mainFiles: [String] {
    switch self {
    case .file(let path): [path]
    case .searched(let directories): directories.map { "\($0)/coherentd/coherentd.conf" }
    }
  }

  var mustExist: Bool {
    if case .file = self { true } else { false }
  }

  /// The directories of drop-ins, the one with precedence first.
  var dropInDirectories: [String] { mainFiles.map { "\($0).d" } }

  /// The paths of the drop-ins in the order of reading, by file name in bytes, from the names in
  /// each directory, the one with precedence first. Hidden files and other suffixes are left out.
  static func dropIns(_ listings: [(directory: String, names: [String])]) -> [String] {
    var paths: [String: String] = [:]
    for listing in listings {
      for name in listing.names where name.hasSuffix(".conf") && !name.hasPrefix(".") {
        if paths[name] == nil { paths[name] = "\(listing.directory)/\(name)" }
      }
    }
    return paths.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map(\.value)
  }
}
