// What a new program is started with. It gets the descriptors that are named and no other (ours are
// all close-on-exec), no blocked signals, and default signal actions.

/// A program to start, and its surroundings.
package struct Launch: Sendable {
  package var path: String
  /// Without the program's own name, which is put first.
  package var arguments: [String]
  /// As "NAME=value"; nil passes this process's own.
  package var environment: [String]?
  /// The processors that it may run on; nil for those of the calling thread.
  package var processors: [Int]?
  /// Descriptors that it inherits, under the same numbers.
  package var inherited: [CInt] = []
  /// Descriptors that it gets as 3, 4 and so on, with their names, as a supervisor passes sockets
  /// and what it stored: sd_listen_fds(3). Not together with `inherited`.
  package var passed: [(name: String, descriptor: CInt)] = []
  /// Descriptors to use as its standard streams; nil passes our own. Each is 3 or more, or the
  /// stream's own number.
  package var standardInput: CInt?
  package var standardOutput: CInt?
  package var standardError: CInt?
  /// Runs as this user and group, in no other groups; needs root.
  package var identity: Identity?
  /// Killed when the thread that started it ends: prctl(2), PR_SET_PDEATHSIG.
  package var diesWithParentThread = false

  package struct Identity: Equatable, Sendable {
    package let user: UInt32
    package let group: UInt32

    package init(user: UInt32, group: UInt32) {
      self.user = user
      self.group = group
    }
  }

  package init(path: String, arguments: [String] = []) {
    self.path = path
    self.arguments = arguments
  }
}
