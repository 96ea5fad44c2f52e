// How many sessions so many descriptors are enough for.

import CoherentDaemon
import Testing

@Suite struct DescriptorBudgetTests {
  @Test func sessionsAndDescriptorsAreEachOthersInverse() {
    for sessions in [1, 2, 373, 4000] as [UInt64] {
      let needed = DescriptorBudget.descriptors(sessions: sessions)
      #expect(DescriptorBudget.sessions(descriptors: needed) == Int(sessions))
      #expect(DescriptorBudget.sessions(descriptors: needed - 1) == max(Int(sessions) - 1, 1))
    }
    // As the integration tests find them to be used.
    #expect(DescriptorBudget.perSession == 7 && DescriptorBudget.inCommon == 64)
    #expect(DescriptorBudget.sessions(descriptors: nil) == .max)
    #expect(DescriptorBudget.sessions(descriptors: 0) == 1)
    #expect(DescriptorBudget.sessions(descriptors: .max) > 1 << 40)
  }

  @Test func onlyWhatAFileWantsIsAProblem() {
    let defaults = ConfigurationSample.read("")
    #expect(defaults.limited(toDescriptors: 128).problems.isEmpty)
    let wanting = ConfigurationSample.read("[Limits]\nSessions=4000\n")
    #expect(wanting.problems.isEmpty)
    #expect(wanting.limited(toDescriptors: nil).problems.isEmpty)
    #expect(wanting.limited(toDescriptors: 28_064).problems.isEmpty)
    let problem = wanting.limited(toDescriptors: 20_000).problems.first
    #expect(problem?.line == 2)
    #expect(problem?.sentence.contains("expected at most 2848") == true)
    #expect(wanting.limited(toDescriptors: 20_000).configuration == nil)
  }
}
