// The word that names a command. The parser takes one that it does not know for an argument of the
// default command, and says so; what somebody meant is a command.
import ArgumentParser
import CoherentWire

enum CommandName {
  /// What is wrong with the command that the arguments name; nil if they name none, or one that
  /// there is. `arguments` begin with the command, if there is one.
  static func complaint(about arguments: [String]) -> String? {
    guard let word = arguments.first, !word.hasPrefix("-") else { return nil }
    let commands = Coherentctl.configuration.subcommands
    if let complaint = complaint(about: word, among: commands, "command") { return complaint }
    guard word == BlockCommand.configuration.commandName, arguments.count > 1 else { return nil }
    let next = arguments[1]
    guard !next.hasPrefix("-") else { return nil }
    return complaint(
      about: next, among: BlockCommand.configuration.subcommands, "command of `\(word)`")
  }

  private static func complaint(
    about word: String, among commands: [any ParsableCommand.Type], _ what: String
  ) -> String? {
    let names = commands.compactMap { $0.configuration.commandName } + ["help"]
    guard !names.contains(word) else { return nil }
    let advice =
      NearestName.nearest(to: word, among: names).map { "did you mean `\($0)`?" }
      ?? "there are \(names.joined(separator: ", "))"
    return "there is no \(what) `\(Printable.text(word))`; \(advice)"
  }
}
