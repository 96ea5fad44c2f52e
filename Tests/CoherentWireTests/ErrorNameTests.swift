// The table of error names is libc's.

import CoherentSystem
import CoherentWire
import Testing

@Suite struct ErrorNameTests {
  @Test func everyNumberHasTheNameThatLibcGivesIt() {
    for code in 1...200 {
      let explained = SystemError.explain(CInt(code))
      let name = "\(ErrorName(UInt64(code)))"
      #expect(
        explained.hasSuffix("(\(name))") || explained == name, "\(code): \(explained), \(name)")
    }
    #expect("\(ErrorName(0))" == "error 0")
    #expect("\(ErrorName(.max))" == "error \(UInt64.max)")
    #expect("\(ErrorName(2))" == "ENOENT")
  }

  @Test func theNumbersThatAreToldApartAreTheirNames() {
    let told: [(UInt64, String)] = [
      (ErrorName.tryAgain, "EAGAIN"), (ErrorName.tooManyOpen, "EMFILE"),
    ]
    for (code, name) in told { #expect("\(ErrorName(code))" == name) }
  }

  @Test func noSentenceHasABareNumber() {
    for detail in Refusal.Detail.allCases {
      #expect(!Refusal(.notConnected, detail, asked: 13).description.contains("errno"), "\(detail)")
    }
  }
}
