// The files and directories that this daemon has made for its sockets, and removes at its end,
// however far it came: these, and never what has taken their paths meanwhile.

import CoherentSystem

final class ListeningFiles {
  // SAFETY: used by the daemon's main thread only.
  private var client: SocketFile?
  private var control: SocketFile?
  private var directories: [String] = []

  func keepClient(_ file: consuming SocketFile) { client = consume file }

  func keepControl(_ file: consuming SocketFile) { control = consume file }

  /// Makes the last directory of a path, if it is not there.
  func makeDirectory(of path: String) throws(SystemError) {
    guard let slash = path.lastIndex(of: "/"), slash > path.startIndex else { return }
    let directory = String(path[..<slash])
    guard !SmallFile.exists(path: directory) else { return }
    try Directory.create(path: directory, mode: 0o755)
    directories.append(directory)
  }

  /// Removes what is still there; directories only if nobody else has put anything there.
  func remove() {
    client.take()?.remove()
    control.take()?.remove()
    for directory in directories { try? Directory.removeEmpty(path: directory) }
    directories = []
  }
}
