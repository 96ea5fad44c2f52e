// What must hold if this module and its callers have no bug. Checked in release builds too, and
// never with anything that a peer sent: that is refused, not trapped on.

@inline(__always)
func invariant(
  _ condition: @autoclosure () -> Bool, _ sentence: StaticString, file: StaticString = #fileID,
  line: UInt = #line
) {
  if !condition() { broken(sentence, file, line) }
}

@inline(never)
private func broken(_ sentence: StaticString, _ file: StaticString, _ line: UInt) -> Never {
  fatalError("\(sentence)", file: file, line: line)
}
