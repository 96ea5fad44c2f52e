// What a client process answered to a command.

enum ClientAnswer: Equatable {
  /// Done; what the command gives, in words.
  case done([String])
  case refused(ClientRefusal)
  /// Anything else: a wrong byte, an error of a system call, a mistake of the test.
  case otherwise(String)

  init(_ text: String) {
    let words = text.split(separator: " ").map(String.init)
    switch words.first {
    case "ok": self = .done(Array(words.dropFirst()))
    case "refused" where words.count == 9:
      self = .refused(ClientRefusal(words))
    default: self = .otherwise(text)
    }
  }
}

struct ClientRefusal: Equatable {
  let reason: String
  let detail: String
  let asked: UInt64
  let available: UInt64
  let pinned: UInt64
  let protected: UInt64
  let limit: UInt64
  let holderProcess: Int32

  init(_ words: [String]) {
    reason = words[1]
    detail = words[2]
    asked = UInt64(words[3]) ?? 0
    available = UInt64(words[4]) ?? 0
    pinned = UInt64(words[5]) ?? 0
    protected = UInt64(words[6]) ?? 0
    limit = UInt64(words[7]) ?? 0
    holderProcess = Int32(words[8]) ?? 0
  }
}
