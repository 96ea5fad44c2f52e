// What must hold between several settings, at the limit and one beyond it.

import CoherentDaemon
import Testing

@Suite struct ConfigurationRelationsTests {
  @Test(arguments: [
    "[Region]\nFrameSize=2M\nBlockSize=2M\n",
    "[Arena]\nSize=64K\n", "[Arena]\nSize=128K\n",
    "[Pressure]\nEvictionRun=64K\n", "[Region]\nFrameSize=2M\n[Pressure]\nEvictionRun=2M\n",
    "[Leases]\nDefault=10s\n", "[Leases]\nMaximum=100ms\n",
    "[Pressure]\nMin=5%\nLow=5%\nHigh=5%\n", "[Pressure]\nMin=0\nLow=0\nHigh=0\n",
    "[Pressure]\nHigh=99.99%\n", "[Pressure]\nHigh=1073741823\n", "[Pressure]\nLow=100M\n",
    "[Region]\nBlocks=4096\nBlockSize=64G\n[Pressure]\nHigh=255T\n",
  ])
  func acceptsWhatFitsTogether(_ text: String) {
    #expect(ConfigurationSample.messages(text).isEmpty)
  }

  @Test(arguments: [
    (
      "[Arena]\nSize=65537\n",
      "f1.conf:2: [Arena] Size=65537: expected Size to be a multiple of FrameSize; "
        + "[Region] FrameSize=64K from default"
    ),
    (
      "[Region]\nFrameSize=2M\n[Pressure]\nEvictionRun=1M\n",
      "f1.conf:4: [Pressure] EvictionRun=1M: expected EvictionRun to be a multiple of FrameSize; "
        + "[Region] FrameSize=2M from f1.conf:2"
    ),
    (
      "[Leases]\nMaximum=99ms\n",
      "f1.conf:2: [Leases] Maximum=99ms: expected Default to be no more than Maximum; "
        + "[Leases] Default=100ms from default"
    ),
    (
      "[Leases]\nDefault=10001ms\n",
      "f1.conf:2: [Leases] Default=10s 1ms: expected Default to be no more than Maximum; "
        + "[Leases] Maximum=10s from default"
    ),
    (
      "[Pressure]\nMin=5.01%\n",
      "f1.conf:2: [Pressure] Min=5.01%: expected Min to be no more than Low; "
        + "[Pressure] Low=5% from default"
    ),
    (
      "[Pressure]\nHigh=53687090\n",
      "f1.conf:2: [Pressure] High=53687090: expected Low to be no more than High; "
        + "[Pressure] Low=5% from default"
    ),
    (
      "[Pressure]\nHigh=1G\n",
      "f1.conf:2: [Pressure] High=1G: expected High to be less than the region of 1G; "
        + "[Region] Blocks=8 from default, [Region] BlockSize=128M from default"
    ),
    (
      "[Region]\nHugePages=2M\n",
      "f1.conf:2: [Region] HugePages=2M: expected FrameSize to be 2M with huge pages; "
        + "[Region] FrameSize=64K from default"
    ),
    (
      "[Sockets]\nControl=/a\nClient=/a\n",
      "f1.conf:2: [Sockets] Control=/a: expected two different sockets; "
        + "[Sockets] Client=/a from f1.conf:3"
    ),
  ])
  func blamesALineThatWasWritten(_ text: String, _ message: String) {
    #expect(ConfigurationSample.messages(text) == [message])
  }

  @Test func concludesNothingFromARefusedValue() {
    #expect(ConfigurationSample.messages("[Pressure]\nMin=7%\nLow=x\n").count == 1)
    #expect(ConfigurationSample.messages("[Region]\nBlocks=x\n[Pressure]\nHigh=2G\n").count == 1)
  }

  @Test func requiresAFrameToBeAMultipleOfThePage() {
    let source = ConfigurationSource(path: "a", bytes: Array("[Region]\nFrameSize=8K\n".utf8))
    let reading = ConfigurationReading(sources: [source], pageSizeBytes: 16_384)
    #expect(
      reading.problems.map(\.description) == [
        "a:2: [Region] FrameSize=8K: expected a multiple of this machine's page size, 16K"
      ])
  }
}
