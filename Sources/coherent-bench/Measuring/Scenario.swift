// What every scenario is: a name, a sentence, and a measurement that hands in its findings as soon
// as it has them. It throws when it cannot measure, never because a number is bad.

protocol Scenario {
  static var name: String { get }
  static var summary: String { get }
  /// Whether it talks to a daemon; the options that name or shape one are refused otherwise.
  static var usesDaemon: Bool { get }
  static func measure(_ bench: Bench) throws
}

extension Scenario {
  static var usesDaemon: Bool { true }
}
