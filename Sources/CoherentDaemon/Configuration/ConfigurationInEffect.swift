// The configuration that the daemon runs by at this moment. Any thread reads it; the control loop
// alone replaces it, on a reload. Who needs several values of one moment takes `current` once.

import Synchronization

final class ConfigurationInEffect: Sendable {
  private let box: Mutex<Configuration>

  init(_ configuration: Configuration) { box = Mutex(configuration) }

  var current: Configuration { box.withLock { $0 } }

  func replace(by configuration: Configuration) { box.withLock { $0 = configuration } }
}
