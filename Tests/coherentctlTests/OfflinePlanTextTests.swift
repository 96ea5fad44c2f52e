// What a dry run says, case by case: the bound that counts, who is in the way, and what it means to
// take the last blocks away. And what is said of pages that lie where they should not.

import CoherentControl
import CoherentWire
import Testing

@testable import coherentctl

@Suite struct OfflinePlanTextTests {
  private func plan(_ block: Int, _ change: (inout OfflinePlanReport) -> Void = { _ in })
    -> OfflinePlanReport
  {
    var plan = OfflinePlanReport(block: block)
    plan.freeBytes = 4 << 20
    plan.movedBytes = 8 << 20
    plan.evictedBytes = 2 << 20
    plan.boundMilliseconds = 60_000
    change(&plan)
    return plan
  }

  private func text(_ plans: [OfflinePlanReport], areLast: Bool = false) -> String {
    OfflinePlanText(plans, areLast: areLast, Style()).text
  }

  @Test func withoutAPinInTheWayNothingIsWaitedFor() {
    #expect(
      text([plan(2)]) == """
        Block 2 is online:
          4 MiB free, 8 MiB would move to other blocks, 2 MiB to host memory
          no pin is in the way; offline within 1min, or online again

        """)
  }

  @Test func aPinThatOutlastsTheTimeIsSaidToWin() {
    let holder = PinHolderReport(session: SessionID(rawValue: 3), process: 99, frames: 1)
    let plans = [false, true].map { isGoing in
      plan(2) {
        $0.pinnedBytes = 65536
        $0.holders = [holder]
        $0.pinnedUntilMilliseconds = 600_000
        $0.state = isGoing ? .goingOffline : .online
      }
    }
    #expect(
      text([plans[0]]).hasSuffix(
        """
          64 KiB of it may have to wait for pins, by process 99 (session 3, 1 frame)
          the pins end within 10min, and it is given up after 1min; --timeout gives it more time

        """))
    #expect(
      text([plans[1]]).hasPrefix(
        """
        Block 2 is going-offline:
          8 MiB would move to other blocks, 2 MiB to host memory

        """))
    #expect(text([plans[1]]).hasSuffix("and it is given up after 1min\n"))
  }

  @Test func severalAreAddedUpAndTheLastAreSaidToBe() {
    let offline = plan(4) { $0.state = .offline }
    let all = text([plan(2), plan(3), offline], areLast: true)
    #expect(
      all.contains("Block 4 is offline\nIn all: 16 MiB to other blocks, 4 MiB to host memory\n"))
    #expect(all.contains("No other block is online: all data goes on in host memory"))
    #expect(!text([plan(2), offline]).contains("In all"))
  }

  @Test func aRefusalIsSaidOnce() {
    let refused = (0..<3).map { number in plan(number) { $0.refusal = "it is promised" } }
    #expect(text(refused) == "Would be refused (blocks 0-2):\n  it is promised\n")
  }

  @Test func misplacedPagesAreAFailureWhicheverTheyAre() {
    #expect(BlockListCommand.misplacement([], BlockCheckReport(checkedPages: 9)) == nil)
    var check = BlockCheckReport(checkedPages: 9)
    check.evictedPages = 7
    check.misplacedEvictedPages = 2
    var block = BlockReport(block: 5)
    block.node = 1
    block.misplacedPages = 3
    let both = BlockListCommand.misplacement([block], check)
    #expect(
      both?.message == "3 pages of block 5 are not on node 1; 2 of 7 pages of evicted data lie on "
        + "nodes that blocks are bound to")
    #expect(BlockListCommand.misplacement([], check)?.status == 1)
  }
}
