// One line of the log, ready to be written: its level, its text, and for the journal what kind it
// is and by what it can be found.

package struct LogRecord: Equatable, Sendable {
  package var level: LogLevel
  package var text: String
  /// Nil for what nobody needs an explanation of.
  package var messageID: String?
  /// Names and values of the further fields, in order.
  package var fields: [Field] = []

  package struct Field: Equatable, Sendable {
    package let name: String
    package let value: String

    package init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  package init(_ level: LogLevel, _ text: String) {
    self.level = level
    self.text = text
  }

  package init(_ event: LogEvent) {
    level = event.kind.level
    text = event.text
    messageID = event.kind.messageID
    fields = event.fields.map { Field($0.rawValue, $1) }
    // With this the journal adds what it knows itself of the process: its command, its user.
    if let client = event.client { fields.append(Field("OBJECT_PID", String(client.process))) }
  }
}
