// The form of the files: comments, joined lines, blanks, and every mistake in them.

import CoherentDaemon
import Testing

@Suite struct ConfigurationSyntaxTests {
  private func blocks(_ text: String) -> Int? {
    ConfigurationSample.read(text).configuration?.blocks
  }

  @Test(arguments: [
    "[Region]\nBlocks=3\n", "[Region]\nBlocks=3", "[Region]\r\nBlocks=3\r\n",
    "\u{FEFF}[Region]\nBlocks=3\n", "  [Region]  \n\t Blocks \t=  3  \n",
    "# c\n; c\n\n[Region]\n#Blocks=4\n  ;Blocks=5\nBlocks=3\n",
    "[Region]\nBlocks=\\\n3\n", "[Region]\nBlocks \\\n# left out \\\n= \\\n; left out\n3\n",
    "[Region]\nBlocks=3\\\n\n", "[Region]\nBlocks=3\\", "[Region]\nBlocks=3\n\\\n",
    "[Region]\nBlocks=3\n# a comment is not prolonged \\\n", "[Region]\nBlocks=3\n# \u{0}\n",
  ])
  func readsWhatSystemdReads(_ text: String) { #expect(blocks(text) == 3) }

  @Test func doesNotPutCommentsBehindValues() {
    #expect(blocks("[Region]\nBlocks=3 # three\n") == nil)
  }

  @Test func joinsNothingAfterTwoBackslashes() {
    let messages = ConfigurationSample.messages("[Region]\nBlocks=3\\\\\nBlockSize=4M\n")
    #expect(messages.count == 1)
    #expect(messages.first?.hasPrefix("f1.conf:2: [Region] Blocks=3\\\\: expected") == true)
  }

  @Test func countsAJoinedLineFromItsBeginning() {
    let messages = ConfigurationSample.messages("[Region]\nBlocks=\\\n\\\nx\nBlocks=y\n")
    #expect(messages.map { $0.prefix(10) } == ["f1.conf:2:", "f1.conf:5:"])
  }

  @Test(arguments: [
    ("Blocks\n", "f1.conf:1: Blocks: expected Key=Value; the equals sign is missing"),
    ("=3\n", "f1.conf:1: =3: expected a key before the equals sign"),
    ("[Region\n", "f1.conf:1: [Region: expected the name of a section in brackets, [Name]"),
    ("[]\n", "f1.conf:1: []: expected the name of a section in brackets, [Name]"),
    ("[\n", "f1.conf:1: [: expected the name of a section in brackets, [Name]"),
    ("[a]b]\n", "f1.conf:1: [a]b]: expected the name of a section in brackets, [Name]"),
    (
      "Blocks=3\n",
      "f1.conf:1: Blocks=3: expected a section's header before the first key, [Region]"
    ),
    (
      "[Region]\nBlocks=\u{0}3\n",
      "f1.conf:2: Blocks=\\03: expected text without NUL bytes"
    ),
  ])
  func namesTheLineAndWhatItExpected(_ text: String, _ message: String) {
    #expect(ConfigurationSample.messages(text) == [message])
  }

  @Test func refusesInvalidUTF8AndReadsOn() {
    let reading = ConfigurationSample.read([
      Array("[Region]\nBlocks=".utf8) + [0xFF, 0x0A] + Array("Blocks=0\n".utf8)
    ])
    #expect(
      reading.problems.map(\.description) == [
        "f1.conf:2: a line that is not valid UTF-8: expected text in UTF-8",
        "f1.conf:3: [Region] Blocks=0: expected a whole number from 1 to 4096",
      ])
  }

  @Test func refusesLinesOfMoreThan4096Bytes() {
    func line(_ bytes: Int) -> String { "X-A=" + String(repeating: "a", count: bytes - 4) }
    #expect(ConfigurationSample.messages("[Region]\n\(line(4095))\n").isEmpty)
    #expect(ConfigurationSample.messages("[Region]\n\(line(4096))\n").isEmpty)
    let message = "f1.conf:2: 4097 bytes: expected a line of at most 4096 bytes"
    #expect(ConfigurationSample.messages("[Region]\n\(line(4097))\n") == [message])
    let joined = "X-A=\\\n" + String(repeating: "a", count: 4092)
    #expect(ConfigurationSample.messages("[Region]\n\(joined)\n") == [message])
  }

  @Test func refusesFilesOfMoreThanOneMebibyte() {
    let largest = [UInt8](repeating: 0x0A, count: ConfigurationSource.maximumBytes)
    #expect(ConfigurationSample.read([largest]).problems.isEmpty)
    #expect(
      ConfigurationSample.read([largest + [0x0A]]).problems.map(\.description) == [
        "f1.conf: 1048577 bytes: expected at most 1M"
      ])
  }

  @Test func readsTheWorstFileInLinearTime() {
    let continuations = [UInt8](repeatElement([0x5C, 0x0A], count: 1 << 19).joined())
    #expect(ConfigurationSample.read([continuations]).problems.isEmpty)
    let backslashes = [UInt8](repeating: 0x5C, count: 1 << 20)
    #expect(ConfigurationSample.read([backslashes]).problems.count == 1)
  }

  @Test func escapesAndCutsWhatItQuotes() {
    let messages = ConfigurationSample.messages(
      "[Region]\nBlocks=\u{1B}[2J\u{202E}\(String(repeating: "a", count: 500))\n")
    let message = messages.first ?? ""
    #expect(message.contains("Blocks=\\u{1B}[2J\\u{202E}aaa"))
    #expect(message.contains("aaa…: expected a whole number"))
    #expect(message.count < 300)
  }
}
