// The options that every command has may stand before it. The parser knows them only behind it, so
// they are moved there.

enum ArgumentOrder {
  private static let flags: Set<String> = ["--json", "-j", "--no-legend", "--raw-bytes"]
  private static let valued: Set<String> = ["--socket"]
  /// Commands that are followed by another one.
  private static let groups: Set<String> = ["block"]

  /// The same arguments, with the leading `CallOptions` behind the command. Stops at the first
  /// argument that is none of them.
  static func verbFirst(_ arguments: [String]) -> [String] {
    var index = 0
    while index < arguments.count {
      let argument = arguments[index]
      if flags.contains(argument) || valued.contains(where: { argument.hasPrefix($0 + "=") }) {
        index += 1
      } else if valued.contains(argument), index + 1 < arguments.count {
        index += 2
      } else {
        break
      }
    }
    // Without a command they are the default command's already; before an option they may stay.
    guard index < arguments.count, !arguments[index].hasPrefix("-") else { return arguments }
    let rest = Array(arguments[..<index] + arguments[(index + 1)...])
    return [arguments[index]] + (groups.contains(arguments[index]) ? verbFirst(rest) : rest)
  }
}
