// The numbers that are quoted.

import Testing

@testable import coherent_bench

struct SampleTests {
  @Test func medianOfAnOddNumberIsTheMiddleOne() {
    let sample = Sample([9, 1, 5])
    #expect(sample.median == 5)
    #expect(sample.minimum == 1)
    #expect(sample.maximum == 9)
  }

  @Test func medianOfAnEvenNumberIsTheMeanOfTheTwoInTheMiddle() {
    #expect(Sample([4, 1, 3, 2]).median == 2.5)
  }

  @Test func latenciesAreInMicroseconds() {
    var latencies = Latencies(capacity: 3)
    for nanoseconds in [1000, 3000, 2_000_000] as [UInt64] {
      latencies.add(from: 7, to: 7 + nanoseconds)
    }
    #expect(latencies.medianMicroseconds == 3)
  }

  @Test func theSameSeedGivesTheSameNumbers() {
    var one = SeededGenerator(seed: 5)
    var other = SeededGenerator(seed: 5)
    var third = SeededGenerator(seed: 6)
    let numbers = (0..<8).map { _ in one.next() }
    #expect(numbers == (0..<8).map { _ in other.next() })
    #expect(numbers != (0..<8).map { _ in third.next() })
  }
}
