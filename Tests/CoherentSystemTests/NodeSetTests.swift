// The kernel's lists of nodes, and the words of its masks.

import Testing

@testable import CoherentSystem

struct NodeSetTests {
  @Test(
    arguments: [
      ("0\n", [0]), ("0-2,5\n", [0, 1, 2, 5]), ("\n", []), ("1023", [1023]),
      ("63-64", [63, 64]),
    ] as [(String, [Int])])
  func readsTheKernelsLists(text: String, expected: [Int]) throws {
    let set = try #require(NodeSet(listText: text))
    #expect(set.nodes == expected)
    #expect(set == NodeSet(expected))
  }

  @Test(arguments: ["x", "1-", "-1", "2-1", "1024", "0-9999999999999999999999", "1-2-3"])
  func refusesWhatIsNoList(text: String) {
    #expect(NodeSet(listText: text) == nil)
  }

  @Test func subtractsAndContains() {
    let set = NodeSet([0, 1, 64, 70]).subtracting(NodeSet([1, 70, 900]))
    #expect(set.nodes == [0, 64])
    #expect(set.contains(64) && !set.contains(1) && !set.contains(-1) && !set.contains(4096))
    #expect(!set.isEmpty && set.subtracting(set).isEmpty)
  }

  @Test func isWrittenAsPeopleWriteIt() {
    #expect(NodeSet([0]).description == "0")
    #expect(NodeSet([0, 1]).description == "0 and 1")
    #expect(NodeSet([0, 1, 4]).description == "0, 1 and 4")
    #expect(NodeSet().description == "none")
  }
}
