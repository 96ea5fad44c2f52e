// A user by number, as the machine's databases have it (passwd(5)).

import Glibc

/// A user that exists.
package struct UserAccount: Equatable, Sendable {
  package let name: String
  package let number: UInt32

  /// The user of that number: getpwuid_r(3). Nil when there is none, or no room for its entry.
  package init?(number: UInt32) {
    let found = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64 * 1024) {
      buffer -> String? in
      var record = passwd()
      var result: UnsafeMutablePointer<passwd>?
      guard let room = buffer.baseAddress,
        getpwuid_r(number, &record, room, buffer.count, &result) == 0, result != nil,
        let name = record.pw_name
      else { return nil }
      return String(cString: name)
    }
    guard let found else { return nil }
    name = found
    self.number = number
  }
}
