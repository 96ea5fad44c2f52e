// The way from a value to the plain number in it. A row's kind decides which case its values have,
// so asking for another one is a bug, not a condition.

import CoherentSystem

extension ConfigurationValue {
  var inBytes: UInt64 {
    guard case .bytes(let bytes) = self else { return wrongCase(0) }
    return bytes
  }

  var asShare: MemoryShare {
    guard case .share(let share) = self else { return wrongCase(.bytes(0)) }
    return share
  }

  var inMilliseconds: UInt64 {
    guard case .milliseconds(let milliseconds) = self else { return wrongCase(0) }
    return milliseconds
  }

  var asCount: UInt64 {
    guard case .count(let count) = self else { return wrongCase(0) }
    return count
  }

  var asFlag: Bool {
    guard case .flag(let flag) = self else { return wrongCase(false) }
    return flag
  }

  var asMode: UInt32 {
    guard case .mode(let mode) = self else { return wrongCase(0) }
    return mode
  }

  var asText: String {
    guard case .text(let text) = self else { return wrongCase("") }
    return text
  }

  var asLevel: LogLevel {
    guard case .level(let level) = self else { return wrongCase(.info) }
    return level
  }

  var asNode: Int? {
    guard case .node(let node) = self else { return wrongCase(nil) }
    return node
  }

  var asHugePages: HugePages {
    guard case .hugePages(let pages) = self else { return wrongCase(.no) }
    return pages
  }

  private func wrongCase<Value>(_ value: Value) -> Value {
    invariant(false, "a setting's value has the case that its kind makes")
    return value
  }
}
