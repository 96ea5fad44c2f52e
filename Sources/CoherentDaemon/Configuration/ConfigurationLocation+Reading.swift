// The thin layer that reads the configuration's files. It decides nothing about what they say: it
// brings bytes, in order, and names the files that it could not read. It never stops at one.

import CoherentSystem
import Glibc

extension ConfigurationLocation {
  /// Reads all files and what they say together. It is called at the start and at each reload.
  package func read(pageSizeBytes: UInt64) -> ConfigurationReading {
    var sources: [ConfigurationSource] = []
    var unreadable: [ConfigurationProblem] = []
    readMainFile(into: &sources, &unreadable)
    var listings: [(directory: String, names: [String])] = []
    for directory in dropInDirectories {
      do throws(SystemError) {
        let names = try Directory.names(path: directory, maximumCount: Self.maximumEntries)
        listings.append((directory, names))
      } catch {
        if error.code != ENOENT { unreadable.append(Self.problem(directory, error)) }
      }
    }
    let dropIns = Self.dropIns(listings)
    if dropIns.count > Self.maximumDropIns {
      unreadable.append(
        ConfigurationProblem(
          path: dropInDirectories[0], line: nil, found: "\(dropIns.count) drop-ins",
          sentence: "expected at most \(Self.maximumDropIns)"))
    }
    for path in dropIns.prefix(Self.maximumDropIns) {
      do throws(SystemError) {
        let before = sources.reduce(0) { $0 + $1.bytes.count }
        sources.append(try Self.source(path, roomBytes: Self.maximumTotalBytes - before))
      } catch {
        unreadable.append(Self.problem(path, error))
      }
    }
    var reading = ConfigurationReading(
      sources: sources, pageSizeBytes: pageSizeBytes, unreadable: unreadable
    ).limited(toDescriptors: ResourceLimit.descriptors.highest)
    if let memory = try? HostMemory.current() { reading.check(memory) }
    return reading
  }

  private func readMainFile(
    into sources: inout [ConfigurationSource], _ unreadable: inout [ConfigurationProblem]
  ) {
    for path in mainFiles {
      do throws(SystemError) {
        sources.append(try Self.source(path))
        return
      } catch {
        if error.code == ENOENT && !mustExist { continue }
        unreadable.append(Self.problem(path, error))
        return
      }
    }
  }

  private static func source(
    _ path: String, roomBytes: Int = ConfigurationSource.maximumBytes
  ) throws(SystemError) -> ConfigurationSource {
    ConfigurationSource(
      path: path,
      bytes: try SmallFile.read(
        path: path, maximumBytes: min(roomBytes, ConfigurationSource.maximumBytes)))
  }

  private static func problem(_ path: String, _ error: SystemError) -> ConfigurationProblem {
    ConfigurationProblem(path: path, line: nil, sentence: "cannot be read: \(error)")
  }
}
