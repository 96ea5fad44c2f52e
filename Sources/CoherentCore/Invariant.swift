// How the core states what it believes. A broken invariant is a bug of ours, never of a client's,
// so the daemon stops there and then: its successor finds the last consistent state, which is
// better than going on with a wrong one. On in release builds too.

/// Stops the process with `sentence` unless `condition` holds. One compare and branch.
@inline(__always)
func invariant(
  _ condition: Bool, _ sentence: StaticString, file: StaticString = #fileID, line: UInt = #line
) {
  if !condition { broken(sentence, file: file, line: line) }
}

@inline(never)
private func broken(_ sentence: StaticString, file: StaticString, line: UInt) -> Never {
  fatalError("invariant broken at \(file):\(line): \(sentence)")
}
