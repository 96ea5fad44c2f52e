// The environment variables that this process was started with.

import Glibc

/// Environment variables: environ(7).
package enum Environment {
  /// The value of a variable: getenv(3).
  package static func get(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
  }

  /// All of them, as "NAME=value", in the order in which they stand.
  package static func all() -> [String] {
    var result: [String] = []
    var position = environ
    while let entry = position.pointee {
      result.append(String(cString: entry))
      position += 1
    }
    return result
  }
}
