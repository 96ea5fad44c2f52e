// The regular files below a directory, one after the other, in the order of their names. Symbolic
// links are not followed, so a tree ends; what cannot be listed is named and passed over.

import CoherentSystem

struct FileTree {
  enum Item: Equatable {
    case file(path: String)
    case unreadable(path: String)
  }

  private enum Step {
    case file(String)
    case directory(String)
  }

  /// What is still to be looked at, the next at the end. O(depth * entries of a directory).
  private var steps: [Step]

  init(root: String) { steps = [.directory(root)] }

  /// The next file, or directory that cannot be listed; nil after the last.
  mutating func next() -> Item? {
    while let step = steps.popLast() {
      switch step {
      case .file(let path): return .file(path: path)
      case .directory(let path):
        do throws(SystemError) {
          push(try Directory.entries(path: path), below: path)
        } catch {
          return .unreadable(path: path)
        }
      }
    }
    return nil
  }

  private mutating func push(_ entries: [Directory.Entry], below path: String) {
    let prefix = path.hasSuffix("/") ? path : path + "/"
    for entry in entries.reversed() {
      switch entry.kind {
      case .regularFile: steps.append(.file(prefix + entry.name))
      case .directory: steps.append(.directory(prefix + entry.name))
      case .other: break
      }
    }
  }
}
