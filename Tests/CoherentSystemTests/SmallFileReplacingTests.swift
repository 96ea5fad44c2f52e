// Replacing a file as a whole: the new contents or the old file, nothing else, and never a link, a
// device or somebody's trap.

import Glibc
import Testing

@testable import CoherentSystem

struct SmallFileReplacingTests {
  private func code(_ body: () throws(SystemError) -> Void) -> CInt? {
    do throws(SystemError) {
      try body()
      return nil
    } catch {
      return error.code
    }
  }

  @Test func theNewContentsTakeThePlaceOfTheOldOnes() throws {
    let directory = try TestDirectory()
    let path = directory.file("f")
    for contents in [[], [1, 2, 3], Array(repeating: 7, count: 100_000), [9]] as [[UInt8]] {
      try SmallFile.replace(path: path, contents)
      #expect(try SmallFile.read(path: path, maximumBytes: 1 << 20) == contents)
    }
    #expect(try Directory.names(path: directory.path) == ["f"])
  }

  @Test func aReaderKeepsTheFileThatItHasOpen() throws {
    let directory = try TestDirectory()
    let path = directory.file("f")
    try SmallFile.replace(path: path, [1])
    let reader = try RegularFile(path: path)
    try SmallFile.replace(path: path, [2, 3])
    #expect(try reader.descriptor.readToEnd(maximumBytes: 10) == [1])
  }

  @Test func linksAndDirectoriesAreNotReplaced() throws {
    let directory = try TestDirectory()
    let target = directory.file("target")
    let link = directory.file("link")
    try SmallFile.write(path: target, [1])
    #expect(symlink(target, link) == 0)
    #expect(code { () throws(SystemError) in try SmallFile.replace(path: link, [2]) } == EINVAL)
    #expect(
      code { () throws(SystemError) in try SmallFile.replace(path: directory.path, [2]) } == EINVAL)
    #expect(try SmallFile.read(path: target, maximumBytes: 10) == [1])
    #expect(try Directory.names(path: directory.path) == ["link", "target"])
  }

  @Test func aTrapUnderTheOtherNameIsNotFollowed() throws {
    let directory = try TestDirectory()
    let victim = directory.file("victim")
    try SmallFile.write(path: victim, [1])
    let path = directory.file("f")
    #expect(symlink(victim, "\(path).\(Process.id).new") == 0)
    #expect(code { () throws(SystemError) in try SmallFile.replace(path: path, [2]) } == EEXIST)
    #expect(try SmallFile.read(path: victim, maximumBytes: 10) == [1])
  }

  @Test func aMomentHasItsDateAndItsTime() throws {
    let time = try #require(CalendarTime(microsecondsSince1970: 1_700_000_000_999_999))
    // The day and the hour are those of the time zone here; the second is the same everywhere.
    #expect(time.year == 2023 && time.month == 11 && 14...15 ~= time.day && time.second == 20)
    #expect(CalendarTime(microsecondsSince1970: .max) != nil)
  }
}
