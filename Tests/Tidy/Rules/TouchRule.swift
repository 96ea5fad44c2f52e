// Every place where the daemon touches an object that a client holds, can lock, fill, block or keep
// open: its memory file, its mapping, its userfaultfd, its sockets and what comes through them, its
// process. Whoever adds a place says here on which thread it is, and why nobody else waits there.

/// The calls of one file that touch such objects.
struct Touch: Equatable {
  /// Below Sources.
  let path: String
  /// Which thread makes them, and why nobody else waits for it.
  let reason: String
  /// How often each call stands there.
  let calls: [String: Int]

  init(_ path: String, _ reason: String, _ calls: [String: Int]) {
    self.path = path
    self.reason = reason
    self.calls = calls
  }
}

enum TouchRule {
  /// The daemon's modules, where these calls are looked for.
  static let modules: Set = ["CoherentDaemon", "CoherentControl", "coherentd"]

  /// What touches an object of a client. The word is the call's name, and what stands before it the
  /// receiver, if only some receivers are meant.
  static let watched: [(receivers: Set<String>?, call: String)] = [
    // A memory file: each of these takes the lock of its inode, which a client can hold.
    (nil, "punch"), (nil, "fill"), (nil, "dataRanges"), (nil, "committedBytes"), (nil, "seal"),
    (["file", "tableFile", "store"], "read"), (["file", "tableFile", "store"], "write"),
    (nil, "MemoryFile"), (nil, "Mapping"), (nil, "PageLocator"),
    // A userfaultfd: its calls take locks of the client's address space.
    (nil, "register"), (nil, "unregister"), (nil, "writeProtect"), (nil, "continueRange"),
    (nil, "wake"), (nil, "copyRange"), (nil, "poison"), (nil, "readFaults"), (nil, "Userfault"),
    // What came through a socket is closed by its last owner, and that can block.
    (nil, "accept"), (nil, "receive"), (nil, "Descriptor"), (nil, "duplicate"),
    // A process: what it says of itself is read under locks of its address space.
    (nil, "ProcessDescription"), (nil, "ProcessDescriptor"),
    (["SmallFile"], "read"),
  ]

  /// The calls of a file, each with how often it stands there; nil where there are none.
  static func touches(in file: SwiftFile) -> [String: Int] {
    guard let module = file.sourceModule, modules.contains(module) else { return [:] }
    var found: [String: Int] = [:]
    for line in file.lines {
      for (receiver, call) in calls(of: line.code) {
        let isWatched = watched.contains {
          $0.call == call && ($0.receivers.map { $0.contains(receiver) } ?? true)
        }
        if isWatched { found[call, default: 0] += 1 }
      }
    }
    return found
  }

  /// Names that are followed by a parenthesis, each with the name before its dot. A declaration is
  /// no call.
  private static func calls(of code: String) -> [(receiver: String, call: String)] {
    var calls: [(String, String)] = []
    var words: [String] = [""]
    for character in code {
      if character.isLetter || character.isNumber || character == "_" {
        words[words.count - 1].append(character)
      } else {
        if character == "(", let call = words.last, !call.isEmpty {
          let before = words.count > 1 ? words[words.count - 2] : ""
          if before != "func" { calls.append((before, call)) }
        }
        // What is chained stays chained through `?`, `!` and `.`; all else ends it.
        if character == " " || character == "." || character == "?" || character == "!" {
          if !(words.last!.isEmpty) { words.append("") }
        } else {
          words = [""]
        }
      }
    }
    return calls
  }

  /// What is in the sources and not in the list, or otherwise than there, or no longer there.
  static func findings(in files: [SwiftFile], list: [Touch]) -> [Finding] {
    var listed = Dictionary(list.map { ($0.path, $0) }) { first, _ in first }
    var findings: [Finding] = []
    for file in files {
      let found = touches(in: file)
      let path = String(file.path.dropFirst("Sources/".count))
      let expected = listed.removeValue(forKey: path)
      guard found != expected?.calls ?? [:] else { continue }
      let text = found.sorted { $0.key < $1.key }.map { "\"\($0.key)\": \($0.value)" }
      findings.append(
        Finding(
          file.path,
          "touches what a client can hold otherwise than Tests/Tidy/TouchList.swift says: "
            + "[\(text.joined(separator: ", "))]"))
    }
    return findings + listed.keys.sorted().map { Finding($0, "is in the list, and not there") }
  }
}
