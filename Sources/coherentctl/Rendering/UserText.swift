// A user as tables show it: by name, or by number where the machine knows no name. The daemon says
// numbers only; the names are those of the machine on which this program runs, which is the same.
import CoherentSystem

enum UserText {
  static func name(_ user: UInt32) -> String {
    UserAccount(number: user).map { Printable.text($0.name) } ?? String(user)
  }
}
