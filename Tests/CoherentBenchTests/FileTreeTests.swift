// The walk over a directory, on a tree that is made for it.

import CoherentSystem
import Testing

@testable import coherent_bench

final class FileTreeTests {
  private let root: String

  init() throws {
    root = try Directory.createTemporary(prefix: "file-tree-")
    try Directory.create(path: "\(root)/b")
    try Directory.create(path: "\(root)/b/empty")
    for name in ["a", "b/x", "b/y", "c"] { try SmallFile.write(path: "\(root)/\(name)", [1]) }
  }

  deinit {
    for name in ["a", "b/x", "b/y", "c"] { try? SmallFile.remove(path: "\(root)/\(name)") }
    for name in ["b/empty", "b", ""] { try? Directory.removeEmpty(path: "\(root)/\(name)") }
  }

  private func items(_ root: String) -> [FileTree.Item] {
    var tree = FileTree(root: root)
    var items: [FileTree.Item] = []
    while let item = tree.next() { items.append(item) }
    return items
  }

  @Test func everyFileComesOnceAndInOrder() {
    #expect(items(root) == ["a", "b/x", "b/y", "c"].map { .file(path: "\(root)/\($0)") })
  }

  @Test func aSlashAtTheEndChangesNothing() {
    #expect(items(root + "/") == items(root))
  }

  @Test func whatCannotBeListedIsNamed() {
    #expect(items("\(root)/none") == [.unreadable(path: "\(root)/none")])
  }
}
