// A group of users by name and by number, as the machine's databases have it (group(5)).

import Glibc

/// A group that exists.
package struct UserGroup: Equatable, Sendable {
  package let name: String
  package let number: UInt32

  /// The group of that name: getgrnam_r(3). Nil when there is none.
  package init?(named name: String) {
    self.init { record, buffer, result in
      getgrnam_r(name, record, buffer.baseAddress, buffer.count, result)
    }
  }

  /// The group of that number: getgrgid_r(3). Nil when there is none.
  package init?(number: UInt32) {
    self.init { record, buffer, result in
      getgrgid_r(number, record, buffer.baseAddress, buffer.count, result)
    }
  }

  /// The group that a file belongs to: stat(2). Nil when there is no such file or group.
  package init?(owning path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    self.init(number: status.st_gid)
  }

  /// Looks up with room for a large group; one that is larger still counts as absent.
  private init?(
    _ look: (
      UnsafeMutablePointer<group>, UnsafeMutableBufferPointer<CChar>,
      UnsafeMutablePointer<UnsafeMutablePointer<group>?>
    ) -> CInt
  ) {
    let found = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64 * 1024) {
      buffer -> (String, UInt32)? in
      var record = group()
      var result: UnsafeMutablePointer<group>?
      guard look(&record, buffer, &result) == 0, result != nil, let name = record.gr_name else {
        return nil
      }
      return (String(cString: name), record.gr_gid)
    }
    guard let found else { return nil }
    (name, number) = found
  }
}
