// What all configuration files say together: the settings in effect, each with its origin, and
// every problem that was found. It is pure: files come in as bytes, in the order in which later
// ones win. A configuration is handed out only where there is no problem at all.

import CoherentSystem
import CoherentWire

package struct ConfigurationReading: Sendable {
  /// One setting per key, in the table's order.
  package private(set) var settings: [ConfigurationSetting]
  /// In the order of the files and lines; then those between several keys.
  package private(set) var problems: [ConfigurationProblem] = []

  /// Reads the files and checks what they say. Problems of reading them come first.
  package init(
    sources: [ConfigurationSource], pageSizeBytes: UInt64,
    unreadable: [ConfigurationProblem] = []
  ) {
    settings = ConfigurationKey.allCases.map { ConfigurationSetting($0) }
    problems = unreadable
    for source in sources { apply(source) }
    problems += ConfigurationRelations(settings: settings, pageSizeBytes: pageSizeBytes).problems()
  }

  /// Settings that were read before, put together anew: what must hold between them is checked.
  init(settings: [ConfigurationSetting], pageSizeBytes: UInt64) {
    self.settings = settings
    problems = ConfigurationRelations(settings: settings, pageSizeBytes: pageSizeBytes).problems()
  }

  /// The same, with a problem where a file wants more sessions than so many descriptors are enough
  /// for. A default that is too large for them is no mistake of anybody's: fewer are admitted.
  package func limited(toDescriptors descriptors: UInt64?) -> ConfigurationReading {
    let sessions = setting(.sessions)
    let wanted = sessions.value.asCount
    guard sessions.isSound, let descriptors, case .file(let path, let line) = sessions.origin,
      wanted > UInt64(DescriptorBudget.sessions(descriptors: descriptors))
    else { return self }
    var limited = self
    limited.problems.append(
      ConfigurationProblem(
        path: path, line: line, found: sessions.quotation,
        sentence: "expected at most \(DescriptorBudget.sessions(descriptors: descriptors)): "
          + "\(wanted) sessions need \(DescriptorBudget.descriptors(sessions: wanted)) "
          + "descriptors, and this process may open \(descriptors) (LimitNOFILE= of the unit, "
          + "ulimit -Hn)"))
    return limited
  }

  /// A limit that somebody wrote has to be one that this machine, and the control groups of this
  /// process, can have at all. The default is nobody's claim: what memory allows bounds it.
  package mutating func check(_ memory: HostMemory) {
    let limit = setting(.hostLimit)
    guard limit.isSound, case .file(let path, let line) = limit.origin else { return }
    let region = setting(.blockSize).value.inBytes * setting(.blocks).value.asCount
    let (bytes, bound) = (limit.value.asShare.bytes(ofTotalBytes: region), memory.smallest)
    guard bytes > bound.totalBytes else { return }
    problems.append(
      ConfigurationProblem(
        path: path, line: line, found: limit.quotation,
        sentence: "expected at most \(HumanSize(bound.totalBytes)), which is all the memory of "
          + "\(bound.name); these are \(HumanSize(bytes))"))
  }

  /// The configuration, or nil where there is any problem.
  package var configuration: Configuration? {
    problems.isEmpty ? Configuration(settings: settings) : nil
  }

  package func setting(_ key: ConfigurationKey) -> ConfigurationSetting { settings[key.rawValue] }

  /// The settings as a configuration file, with the origin of each value in a comment above it.
  package func render() -> String {
    var lines: [String] = []
    var section = ""
    for setting in settings {
      if setting.key.row.section != section {
        if !section.isEmpty { lines.append("") }
        section = setting.key.row.section
        lines.append("[\(section)]")
      }
      lines += ["# \(setting.origin)", setting.assignment]
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private mutating func apply(_ source: ConfigurationSource) {
    let syntax = ConfigurationSyntax(source)
    var found = syntax.problems
    var section: SectionInForce = .none
    for statement in syntax.statements {
      switch statement.content {
      case .section(let name):
        section = SectionInForce(name)
        if case .unknown(let likely) = section {
          let advice =
            likely.map { "did you mean [\($0)]?" } ?? "known are " + Self.listOfSections
          found.append(
            ConfigurationProblem(
              path: source.path, line: statement.line, found: "[\(name)]",
              sentence: "unknown section; \(advice)"))
        }
      case .assignment(let name, let value):
        let problem = assign(
          name, value, in: section, origin: (path: source.path, line: statement.line))
        if let problem { found.append(problem) }
      }
    }
    problems += found.sorted { ($0.line ?? 0) < ($1.line ?? 0) }
  }

  /// The section that the assignments stand in.
  private enum SectionInForce {
    case none
    case known(String)
    /// No section of ours. Its assignments are checked as if they stood in the likely one, so that
    /// a misspelt header does not hide the mistakes below it.
    case unknown(likely: String?)
    /// [X-...] is for others, as in systemd.syntax(7).
    case foreign

    init(_ name: String) {
      if name.hasPrefix("X-") {
        self = .foreign
      } else if ConfigurationTable.sections.contains(name) {
        self = .known(name)
      } else {
        self = .unknown(
          likely: NearestName.nearest(to: name, among: ConfigurationTable.sections))
      }
    }
  }

  private mutating func assign(
    _ name: String, _ value: String, in section: SectionInForce, origin: (path: String, line: Int)
  ) -> ConfigurationProblem? {
    let sectionName: String
    switch section {
    case .known(let name), .unknown(likely: let name?): sectionName = name
    case .foreign, .unknown(likely: nil): return nil
    case .none:
      let home = ConfigurationTable.rows.first { $0.name == name }.map { ", [\($0.section)]" } ?? ""
      return ConfigurationProblem(
        path: origin.path, line: origin.line, found: "\(name)=\(value)",
        sentence: "expected a section's header before the first key\(home)")
    }
    guard !name.hasPrefix("X-") else { return nil }
    guard let row = ConfigurationTable.row(section: sectionName, name: name) else {
      return ConfigurationProblem(
        path: origin.path, line: origin.line, found: "[\(sectionName)] \(name)=\(value)",
        sentence: Self.unknownKey(name, in: sectionName))
    }
    guard !value.isEmpty else {
      settings[row.key.rawValue].reset()
      return nil
    }
    guard let accepted = row.kind.value(of: value[...]) else {
      settings[row.key.rawValue].markUnsound()
      return ConfigurationProblem(
        path: origin.path, line: origin.line, found: "[\(sectionName)] \(name)=\(value)",
        sentence: "expected \(row.kind.expectation)")
    }
    settings[row.key.rawValue].assign(
      accepted, from: .file(path: origin.path, line: origin.line))
    return nil
  }

  /// Says where an unknown key belongs, or which one was probably meant.
  private static func unknownKey(_ name: String, in section: String) -> String {
    let rows = ConfigurationTable.rows
    let homes = rows.filter { $0.name == name }.map { "[\($0.section)]" }
    if !homes.isEmpty {
      return "unknown key in this section; it belongs in \(homes.joined(separator: " or "))"
    }
    let neighbours = rows.filter { $0.section == section }.map(\.name)
    if let near = NearestName.nearest(to: name, among: neighbours) {
      return "unknown key; did you mean \(near)?"
    }
    if let near = NearestName.nearest(to: name, among: rows.map(\.name)),
      let row = rows.first(where: { $0.name == near })
    {
      return "unknown key; did you mean \(near) of [\(row.section)]?"
    }
    return "unknown key; known here are \(neighbours.joined(separator: ", "))"
  }

  private static let listOfSections = ConfigurationTable.sections.map { "[\($0)]" }
    .joined(separator: ", ")
}
