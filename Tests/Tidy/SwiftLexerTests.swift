// The lexer must not take a comment for code, nor a string for either: every rule rests on it.

import Testing

@Suite struct SwiftLexerTests {
  @Test func keepsCommentsAndCodeApart() {
    let line = SwiftLexer.lines(of: "let a = 1 // why\n")[0]
    #expect(line.code == "let a = 1 ")
    #expect(line.comment == "// why")
    #expect(line.text == "let a = 1 // why")
  }

  @Test func keepsWhatStringsHoldOutOfTheCode() {
    let line = SwiftLexer.lines(of: #"call("// no \" comment { sleep", b)"#)[0]
    #expect(line.code == #"call("", b)"#)
    #expect(line.comment.isEmpty)
  }

  @Test func countsInterpolationsAsCode() {
    let line = SwiftLexer.lines(of: #"print("a \(f("x" + g(1))) // b")"#)[0]
    #expect(line.words == ["print", "f", "g", "1"])
    #expect(line.comment.isEmpty)
  }

  @Test func knowsRawAndMultilineStrings() {
    let source = ##"""
      let a = #"// "quoted" \(no)"#
      let b = """
        // no comment, "quoted"
        """ // yes
      """##
    let lines = SwiftLexer.lines(of: source)
    #expect(lines.map(\.comment) == ["", "", "", "// yes"])
    #expect(lines[0].words == ["let", "a"])
    #expect(lines[2].words.isEmpty)
  }

  @Test func nestsBlockComments() {
    let lines = SwiftLexer.lines(of: "a /* b /* c\n */ d */ e")
    #expect(lines.map(\.words) == [["a"], ["e"]])
  }

  @Test func losesNoCharacterOfTheRepository() throws {
    let repository = try Repository.current.get()
    for path in repository.paths where path.hasSuffix(".swift") {
      let text = try repository.text(path)
      let joined = SwiftLexer.lines(of: text).map { $0.text + "\n" }.joined()
      #expect(joined == text, "\(path)")
    }
  }
}
