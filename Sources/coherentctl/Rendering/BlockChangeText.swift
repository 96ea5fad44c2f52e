// What an order about blocks did, as a line: which have changed, and how many were so already.
import CoherentControl

enum BlockChangeText {
  static func line(_ change: BlockChangeReport, _: Style = Style()) -> String {
    "\(changed(change)), \(change.already.count) already so.\n"
  }

  /// The same of blocks that only begin to go.
  static func goingOffline(_ change: BlockChangeReport, _: Style = Style()) -> String {
    "\(changed(change, "going offline")), \(change.already.count) already so.\n"
  }

  /// A block that there is not is as it should be after that, which may be a slip of the finger.
  static func removal(_ change: BlockChangeReport, _: Style = Style()) -> String {
    guard !change.already.isEmpty else { return line(change) }
    return "\(changed(change)), \(change.already.count) already so: "
      + "\(BlockNames.subject(change.already)) not there.\n"
  }

  private static func changed(_ change: BlockChangeReport, _ word: String = "changed") -> String {
    let names = change.changed.isEmpty ? "" : " (\(BlockNames.text(change.changed)))"
    return "\(change.changed.count) \(word)\(names)"
  }
}
