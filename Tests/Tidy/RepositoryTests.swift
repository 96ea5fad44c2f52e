// Without files every other test of this target would pass: the repository must be found.

import Testing

@Suite struct RepositoryTests {
  @Test func findsTheSourcesTheTestsAndThePages() throws {
    let repository = try Repository.current.get()
    #expect(repository.has("Package.swift"))
    #expect(repository.paths.contains("README.md"))
    #expect(repository.paths.contains("Tests/Tidy/RepositoryTests.swift"))
    #expect(repository.swiftFiles.count > 200)
    #expect(try repository.sourceModules().contains("CoherentCore"))
    #expect(repository.paths.allSatisfy { !$0.contains(".git/") && !$0.contains(".build") })
  }
}
