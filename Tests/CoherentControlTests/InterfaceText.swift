// Reads the subset of Varlink's definition language that an interface of ours may use, so that the
// tests can hold the text against the models. Throws at the first thing that it does not know.

struct InterfaceText {
  struct Problem: Error {
    var message: String
  }

  indirect enum Kind: Equatable {
    case word(String)  // string, int, bool, float, or the name of a type
    case array(Kind)
    case optional(Kind)
    case structure([Field])
    case choice([String])
  }

  struct Field: Equatable {
    var name: String
    var kind: Kind
  }

  var name = ""
  var types: [String: Kind] = [:]
  var methods: [String: (input: [Field], output: [Field])] = [:]
  var errors: [String: [Field]] = [:]

  private var tokens: [String] = []
  private var position = 0

  init(_ text: String) throws {
    tokens = Self.tokens(text)
    try expect("interface")
    name = try next()
    while position < tokens.count {
      switch try next() {
      case "type":
        let name = try next()
        types[name] = try kind()
      case "method":
        let name = try next()
        let input = try fields()
        try expect("->")
        methods[name] = (input, try fields())
      case "error":
        let name = try next()
        errors[name] = try fields()
      case let other: throw Problem(message: "unknown member \(other)")
      }
    }
  }

  private mutating func kind() throws -> Kind {
    switch try peek() {
    case "?":
      position += 1
      return .optional(try kind())
    case "[":
      position += 1
      try expect("]")
      return .array(try kind())
    case "(": return try structureOrChoice()
    default: return .word(try next())
    }
  }

  private mutating func fields() throws -> [Field] {
    guard case .structure(let fields) = try structureOrChoice() else {
      throw Problem(message: "a choice where fields are expected")
    }
    return fields
  }

  private mutating func structureOrChoice() throws -> Kind {
    var fields: [Field] = []
    var words: [String] = []
    try expect("(")
    while try peek() != ")" {
      let name = try next()
      if try peek() == ":" {
        position += 1
        fields.append(Field(name: name, kind: try kind()))
      } else {
        words.append(name)
      }
      if try peek() == "," {
        position += 1
        if try peek() == ")" { throw Problem(message: "comma before a closing bracket") }
      }
    }
    try expect(")")
    guard words.isEmpty || fields.isEmpty else { throw Problem(message: "fields and words") }
    return words.isEmpty ? .structure(fields) : .choice(words)
  }

  private func peek() throws -> String {
    guard position < tokens.count else { throw Problem(message: "the text ends too early") }
    return tokens[position]
  }

  private mutating func next() throws -> String {
    let token = try peek()
    position += 1
    return token
  }

  private mutating func expect(_ token: String) throws {
    let found = try next()
    guard found == token else { throw Problem(message: "\(found) instead of \(token)") }
  }

  private static func tokens(_ text: String) -> [String] {
    var tokens: [String] = []
    for line in text.split(separator: "\n") {
      var word = ""
      func flush() {
        if !word.isEmpty { tokens.append(word) }
        word = ""
      }
      for character in line.prefix(while: { $0 != "#" }) {
        switch character {
        case " ": flush()
        case "(", ")", "[", "]", ",", ":", "?":
          flush()
          tokens.append(String(character))
        default: word.append(character)
        }
      }
      flush()
    }
    return tokens
  }
}
