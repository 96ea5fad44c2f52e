// Numbers and tables for people.

import Testing

@testable import coherent_bench

struct FindingTextTests {
  @Test(arguments: [
    (0.0, "0.00"), (0.005, "0.01"), (1.05, "1.05"), (12.3456, "12.35"), (99.999, "100.00"),
    (123.44, "123.4"), (1234.5, "1235"), (-0.5, "-0.50"), (-0.001, "0.00"),
  ])
  func numbersHaveTheDigitsThatMeanSomething(value: Double, text: String) {
    #expect(FindingText.number(value) == text)
  }

  @Test(arguments: [
    (0.0, 0.0), (12.345678, 12.35), (0.00123456, 0.001235), (98765.4, 98765), (.infinity, 0),
  ])
  func roundingKeepsFourDigits(value: Double, rounded: Double) {
    #expect(FindingText.rounded(value) == rounded)
  }

  @Test func rowsStandUnderTheHeader() {
    let finding = Finding(
      "evict", "daemon on 16 cores", Sample([1234, 1200, 1300]), unit: "MiB/s",
      floor: Sample([8000]), target: .ratioAtLeast(0.5))
    let header = Array(FindingTable.header)
    let row = Array(FindingTable.rows([finding]))
    #expect(row.starts(with: "evict"))
    #expect(String(row).hasSuffix("  0.15  >= 0.50 missed\n"))
    // The numbers end where their header does.
    let end = (5...header.count).first { header[($0 - 5)..<$0].elementsEqual("RATIO") }!
    #expect(row[(end - 4)..<end].elementsEqual("0.15"))
  }
}
