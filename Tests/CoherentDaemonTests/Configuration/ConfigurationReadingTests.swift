// What files say together: precedence, origins, resets, and all problems at once.

import CoherentDaemon
import Testing

@Suite struct ConfigurationReadingTests {
  @Test func givesTheDefaultsWithoutAnyFile() throws {
    let reading = ConfigurationSample.read()
    let configuration = try #require(reading.configuration)
    #expect(configuration.blockSizeBytes == 128 << 20)
    #expect(configuration.blocks == 8)
    #expect(configuration.regionBytes == 1 << 30)
    #expect(configuration.frameSizeBytes == 65_536)
    #expect(configuration.oversubscribe)
    #expect(configuration.pressureLow == .hundredthsOfPercent(500))
    #expect(configuration.hostLimitBytes == 4 << 30)
    #expect(configuration.leaseDefaultMilliseconds == 100)
    #expect(configuration.leaseMaximumMilliseconds == 10_000)
    #expect(configuration.maximumTimeoutMilliseconds == 60_000)
    #expect(configuration.clientSocketMode == 0o660)
    #expect(configuration.clientSocketGroup == nil)
    #expect(!configuration.passesUserfaultDevice)
    #expect(configuration.logLevel == .info)
    #expect(reading.settings.allSatisfy { $0.origin == .builtIn })
  }

  @Test func takesTheLastAssignmentAndItsOrigin() {
    let reading = ConfigurationSample.read(
      "[Region]\nBlocks=2\nBlocks=3\n", "\n[Region]\nBlocks=4\n[Log]\nLevel=debug\n")
    #expect(reading.configuration?.blocks == 4)
    #expect(reading.setting(.blocks).origin == .file(path: "f2.conf", line: 3))
    #expect(reading.setting(.logLevel).origin.description == "f2.conf:5")
    #expect(reading.setting(.frameSize).origin.description == "default")
  }

  @Test func resetsToTheDefaultByAnEmptyAssignment() {
    let reading = ConfigurationSample.read(
      "[Region]\nBlocks=2\n[Sockets]\nClientGroup=users\n",
      "[Region]\nBlocks=\n[Sockets]\nClientGroup=\n")
    #expect(reading.configuration?.blocks == 8)
    #expect(reading.setting(.blocks).origin == .builtIn)
    #expect(reading.configuration?.clientSocketGroup == nil)
  }

  @Test func takesThePercentageOfTheHostLimitOfTheRegion() {
    let reading = ConfigurationSample.read("[Host]\nLimit=400%\n[Region]\nBlocks=2\n")
    #expect(reading.configuration?.hostLimitBytes == 1 << 30)
  }

  @Test func leavesOthersSectionsAndKeysAlone() {
    #expect(ConfigurationSample.messages("[X-Other]\nBlocks=x\n[Region]\nX-Key=1\n").isEmpty)
  }

  @Test(arguments: [
    ("Region", "Bloks", "unknown key; did you mean Blocks?"),
    ("Region", "blocksize", "unknown key; did you mean BlockSize?"),
    ("Limits", "Sesions", "unknown key; did you mean Sessions?"),
    ("Region", "EvictionRun", "unknown key in this section; it belongs in [Pressure]"),
    ("Region", "Limit", "unknown key in this section; it belongs in [Host]"),
    ("Region", "LeveI", "unknown key; did you mean Level of [Log]?"),
    ("Leases", "Zebra", "unknown key; known here are Default, Maximum"),
    (
      "Leases", String(repeating: "Default", count: 500),
      "unknown key; known here are Default, Maximum"
    ),
  ])
  func suggestsWhatWasMeantByAnUnknownKey(_ section: String, _ key: String, _ advice: String) {
    let message = ConfigurationSample.messages("[\(section)]\n\(key)=1\n").first
    #expect(message?.hasPrefix("f1.conf:2: [\(section)] \(key.prefix(100))") == true)
    #expect(message?.hasSuffix(": \(advice)") == true, "\(message ?? "")")
  }

  @Test func checksTheKeysBelowAMisspeltSection() {
    #expect(
      ConfigurationSample.messages("[Regoin]\nBlocks=0\n[Zebra]\nBlocks=0\n") == [
        "f1.conf:1: [Regoin]: unknown section; did you mean [Region]?",
        "f1.conf:2: [Region] Blocks=0: expected a whole number from 1 to 4096",
        "f1.conf:3: [Zebra]: unknown section; known are [Region], [Pressure], [Host], [Arena], "
          + "[Leases], [Requests], [Limits], [Sockets], [Userfault], [Log]",
      ])
  }

  @Test func reportsAllProblemsOfAllFilesInOrder() {
    let messages = ConfigurationSample.messages(
      """
      [Region]
      FrameSize=63K
      nonsense
      Bloks=3
      [Leases]
      Default=20s
      """, "[Log]\nLevel=loud\n[Region]\nBlocks=4097\n")
    #expect(
      messages == [
        "f1.conf:2: [Region] FrameSize=63K: expected a power of two from 4K to 2M",
        "f1.conf:3: nonsense: expected Key=Value; the equals sign is missing",
        "f1.conf:4: [Region] Bloks=3: unknown key; did you mean Blocks?",
        "f2.conf:2: [Log] Level=loud: expected one of error, warning, notice, info, debug",
        "f2.conf:4: [Region] Blocks=4097: expected a whole number from 1 to 4096",
        "f1.conf:6: [Leases] Default=20s: expected Default to be no more than Maximum; "
          + "[Leases] Maximum=10s from default",
      ])
  }

  @Test func reportsABadValueEvenWhereALaterOneWins() {
    let reading = ConfigurationSample.read("[Region]\nBlocks=x\n", "[Region]\nBlocks=2\n")
    #expect(reading.problems.count == 1)
    #expect(reading.configuration == nil)
  }
}
