// The variable that arms a kill point: what it may say, and that what it may not say arms nothing.

import Testing

@testable import CoherentDaemon

struct KillPointTests {
  @Test func everyPointHasANameOfItsOwnInLowerCaseWords() {
    for point in KillPoint.allCases {
      #expect(point.rawValue.allSatisfy { $0.isLowercase || $0 == "-" })
      #expect(KillPoint.parse(point.rawValue)?.point == point)
      #expect(KillPoint.parse(point.rawValue)?.passage == 1)
      #expect(KillPoint.parse("\(point.rawValue):12")?.passage == 12)
    }
  }

  @Test(arguments: ["", ":", "before", "before-punch:", "before-punch:0", "before-punch:x:1"])
  func whatNamesNoPointArmsNone(_ text: String) {
    #expect(KillPoint.parse(text) == nil)
  }
}
