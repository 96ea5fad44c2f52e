// Something happened that an administrator may act on: its kind, a sentence, and a value for each
// field of its kind. Events are made by the functions of `LogEvent+Kinds.swift` alone, so that an
// event of a kind always says the same things.

import CoherentSystem

package struct LogEvent: Sendable {
  package let kind: EventKind
  package let text: String
  package let fields: [(EventField, String)]
  package let client: EventClient?

  init(
    _ kind: EventKind, about client: EventClient? = nil, _ text: String,
    _ own: [(EventField, String)]
  ) {
    self.kind = kind
    self.client = client
    self.text = text
    let isAboutClients = kind.fields.starts(with: EventField.ofClient)
    let whole = (isAboutClients ? client?.fields ?? EventClient.noFields : []) + own
    fields = whole.map { ($0, Self.clipped($1)) }
    invariant(
      fields.map(\.0) == kind.fields, "an event has exactly the fields of its kind, in its order")
  }

  /// journalctl puts no value into an explanation whose field, name and all, is over 256 bytes.
  static let maximumValueBytes = 200

  /// The text has all of it; what stands in a field may be cut.
  private static func clipped(_ value: String) -> String {
    guard value.utf8.count > maximumValueBytes else { return value }
    var clipped = ""
    for character in value {
      guard clipped.utf8.count + character.utf8.count + 3 <= maximumValueBytes else { break }
      clipped.append(character)
    }
    return clipped + "..."
  }
}
