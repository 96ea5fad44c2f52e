// One request of HTTP/1 and its answer, without a socket: bytes in, bytes out, and the end. What is
// not a plain GET or HEAD of the one page is told so. A request has a bound on its length, and what
// follows its head is not read.

struct HTTPExchange {
  static let maximumRequestBytes = 4096

  private enum Progress {
    case reading
    case answering
  }

  private var progress = Progress.reading
  private var input: [UInt8] = []
  private var output: [UInt8] = []
  private var sent = 0

  /// Whether bytes from the peer change anything.
  var wantsInput: Bool { progress == .reading }
  var unsentBytes: Int { output.count - sent }
  /// Whether the answer has gone out whole.
  var isOver: Bool { progress == .answering && unsentBytes == 0 }

  /// Takes bytes; `page` is asked for the page once a good request for it is there.
  mutating func receive(_ bytes: some Collection<UInt8>, page: () -> String) {
    guard wantsInput else { return }
    input.append(contentsOf: bytes)
    guard let end = Self.headEnd(input) else {
      if input.count > Self.maximumRequestBytes { refuse("431 Request Header Fields Too Large") }
      return
    }
    guard end <= Self.maximumRequestBytes else {
      return refuse("431 Request Header Fields Too Large")
    }
    answer(String(decoding: input[..<end], as: UTF8.self), page)
  }

  /// Gives the unsent bytes to `send`, which returns how many of them were taken.
  mutating func drain(_ send: (UnsafeRawBufferPointer) -> Int) {
    guard unsentBytes > 0 else { return }
    sent += output.withUnsafeBytes { send(UnsafeRawBufferPointer(rebasing: $0[sent...])) }
  }

  /// Where the empty line begins that ends the head. Lines may end in a bare newline.
  private static func headEnd(_ bytes: [UInt8]) -> Int? {
    let newline = UInt8(ascii: "\n")
    var lineStart = 0
    for (index, byte) in bytes.enumerated() where byte == newline {
      let line = bytes[lineStart..<index]
      if line.isEmpty || line.elementsEqual([UInt8(ascii: "\r")]) { return lineStart }
      lineStart = index + 1
    }
    return nil
  }

  private mutating func answer(_ head: String, _ page: () -> String) {
    let line = head.unicodeScalars.prefix { $0 != "\r" && $0 != "\n" }
    let words = String(line).split(separator: " ", omittingEmptySubsequences: false)
    guard words.count == 3, words[2].hasPrefix("HTTP/1."), !words[0].isEmpty else {
      return refuse("400 Bad Request")
    }
    guard words[0] == "GET" || words[0] == "HEAD" else {
      return refuse("405 Method Not Allowed", "Allow: GET, HEAD\r\n")
    }
    guard words[1].prefix(while: { $0 != "?" }) == "/metrics" else {
      return refuse("404 Not Found", text: "The metrics are at /metrics.\n")
    }
    put("200 OK", type: MetricsText.contentType, text: page(), isHead: words[0] == "HEAD")
  }

  private mutating func refuse(_ status: String, _ fields: String = "", text: String? = nil) {
    put(
      status, fields, type: "text/plain; charset=utf-8", text: text ?? status + "\n",
      isHead: false)
  }

  private mutating func put(
    _ status: String, _ fields: String = "", type: String, text: String, isHead: Bool
  ) {
    let head =
      "HTTP/1.1 \(status)\r\nContent-Type: \(type)\r\nContent-Length: \(text.utf8.count)\r\n"
      + "Connection: close\r\n\(fields)\r\n"
    output = Array(head.utf8) + (isHead ? [] : Array(text.utf8))
    progress = .answering
    input = []
  }
}
