// The journal's own protocol, by libsystemd: every line with its fields. Used where standard error
// already is the journal, as $JOURNAL_STREAM says; so what a user redirects stays redirected.

import CSystemd
import CoherentSystem
import Glibc

struct JournalSink: LogSink {
  /// For lines that the journal's socket does not take: standard error is the journal as well.
  private let fallback = TextSink(isNumbered: true)

  /// The journal where standard error is it, else text.
  static func orText() -> any LogSink {
    isStandardError ? JournalSink() : TextSink(isNumbered: false)
  }

  static var isStandardError: Bool { isStandardError(named: Environment.get("JOURNAL_STREAM")) }

  /// Whether standard error is the very stream that the variable names, "DEVICE:INODE": it is
  /// inherited by everything that is started, also by what has its output elsewhere.
  static func isStandardError(named stream: String?) -> Bool {
    guard let parts = stream?.split(separator: ":"), parts.count == 2,
      let device = DecimalText.parse(parts[0]), let inode = DecimalText.parse(parts[1])
    else { return false }
    return StandardError.isFile(device: device, inode: inode)
  }

  func write(_ record: LogRecord) -> Bool {
    Self.send(Self.fields(record)) >= 0 || fallback.write(record)
  }

  /// The fields of a record as the journal takes them: "NAME=value".
  static func fields(_ record: LogRecord) -> [String] {
    var fields = [
      "MESSAGE=\(record.text)", "PRIORITY=\(record.level.priority)", "SYSLOG_IDENTIFIER=coherentd",
    ]
    if let messageID = record.messageID { fields.append("MESSAGE_ID=\(messageID)") }
    return fields + record.fields.map { "\($0.name)=\($0.value)" }
  }

  /// sd_journal_sendv(3).
  private static func send(_ fields: [String]) -> CInt {
    var bytes: [UInt8] = []
    var ends: [Int] = []
    for field in fields {
      bytes.append(contentsOf: field.utf8)
      ends.append(bytes.count)
    }
    // SAFETY: the vectors point into the one buffer, which the call reads and does not keep.
    return bytes.withUnsafeMutableBytes { buffer in
      var start = 0
      let vectors = ends.map { end in
        defer { start = end }
        return iovec(iov_base: buffer.baseAddress! + start, iov_len: end - start)
      }
      return sd_journal_sendv(vectors, CInt(vectors.count))
    }
  }
}
