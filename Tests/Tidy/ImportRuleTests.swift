// Imports, and who may be public.

import Testing

@Suite struct ImportRuleTests {
  @Test func everyModuleImportsOnlyWhatIsBelowIt() throws {
    let files = try Repository.current.get().swiftFiles
    let findings =
      files.flatMap(ImportRule.findings(in:)) + ImportRule.idleExceptions(in: files)
    #expect(findings.isEmpty, "\(findings.listing)")
  }

  @Test func onlyTheClientLibraryIsPublic() throws {
    let findings = try Repository.current.get().swiftFiles
      .flatMap(ImportRule.accessFindings(in:))
    #expect(findings.isEmpty, "\(findings.listing)")
  }

  @Test(arguments: [
    ("CoherentCore", "Glibc"), ("CoherentCore", "Foundation"), ("CoherentCore", "Synchronization"),
    ("CoherentWire", "Glibc"), ("CoherentWire", "FoundationEssentials"),
    ("CoherentDaemon", "FoundationEssentials"), ("CoherentDaemon", "ArgumentParser"),
    ("CoherentControl", "CSystemd"), ("Coherent", "CSystemd"), ("Coherent", "CoherentCore"),
    ("Coherent", "CoherentDaemon"), ("CoherentDaemon", "Glibc"), ("coherentctl", "Foundation"),
    ("CoherentSystem", "CoherentWire"), ("Newcomer", "CoherentWire"),
  ])
  func refusesAnImportFromAbove(_ module: String, _ imported: String) {
    for line in ["import \(imported)", "@testable import struct \(imported).Thing"] {
      let file = SwiftFile(path: "Sources/\(module)/A.swift", source: "\(line)\n")
      #expect(ImportRule.findings(in: file).count == 1, "\(line)")
    }
  }

  @Test func doesNotTakeACommentOrAStringForAnImport() {
    let source = "// import Glibc\nlet a = \"import Glibc\"\n"
    #expect(SwiftFile(path: "Sources/CoherentCore/A.swift", source: source).imports.isEmpty)
  }

  @Test func everyExceptionIsNeededAndHasItsReason() {
    #expect(ImportRule.exceptions.allSatisfy { $0.reason.split(separator: " ").count >= 4 })
    #expect(ImportRule.idleExceptions(in: []).count == ImportRule.exceptions.count)
  }

  @Test func refusesPublicOutsideOfTheClientLibrary() {
    for source in ["  public var a: Int\n", "open class A {}\n"] {
      let daemon = SwiftFile(path: "Sources/CoherentDaemon/A.swift", source: source)
      let library = SwiftFile(path: "Sources/Coherent/A.swift", source: source)
      #expect(ImportRule.accessFindings(in: daemon).count == 1)
      #expect(ImportRule.accessFindings(in: library).isEmpty)
    }
    let call = SwiftFile(path: "Sources/CoherentSystem/A.swift", source: "open(path, flags)\n")
    #expect(ImportRule.accessFindings(in: call).isEmpty)
  }
}
