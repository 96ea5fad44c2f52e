// What must be true or the program is wrong. Checked in release builds too, where `precondition`
// would trap without saying why. For bugs only: never for input, never for the environment.

/// Stops the process with `sentence` when `condition` does not hold.
@inlinable
package func invariant(
  _ condition: @autoclosure () -> Bool, _ sentence: @autoclosure () -> String,
  file: StaticString = #fileID, line: UInt = #line
) {
  if !condition() { invariantBroken(sentence(), file: file, line: line) }
}

/// Out of line, so that a check costs its caller one compare and one branch.
@inline(never)
@usableFromInline
package func invariantBroken(_ sentence: String, file: StaticString, line: UInt) -> Never {
  fatalError("invariant broken: \(sentence)", file: file, line: line)
}
