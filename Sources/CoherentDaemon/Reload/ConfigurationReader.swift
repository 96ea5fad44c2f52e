// Reads the configuration's files for a reload, on a thread of its own: a file may lie where
// reading takes for ever (a file system of the network, or of a process that is stopped), and
// nobody who is served may wait for it. At most one such thread is there; one that hangs is left to
// itself.

import CoherentSystem
import Synchronization

final class ConfigurationReader: Sendable {
  private let isReading = Atomic<Bool>(false)

  /// A reading that was begun before has not come to its end.
  var isBusy: Bool { isReading.load(ordering: .relaxed) }

  /// Reads the files, and calls `completion` on the thread that read them. Nobody else is reading.
  func read(
    _ location: ConfigurationLocation,
    _ completion: @escaping @Sendable (ConfigurationReading) -> Void
  ) throws(SystemError) {
    isReading.store(true, ordering: .relaxed)
    do throws(SystemError) {
      try Thread.start(name: "configuration") { [self] in
        let reading = location.read(pageSizeBytes: UInt64(PageSize.bytes))
        isReading.store(false, ordering: .relaxed)
        completion(reading)
      }.detach()
    } catch {
      isReading.store(false, ordering: .relaxed)
      throw error
    }
  }
}
