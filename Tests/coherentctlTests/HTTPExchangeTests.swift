// One request over HTTP and its answer: what is a good one, what each bad one is told, and that no
// bytes trap it or make it hold more than a request may have.

import Testing

@testable import coherentctl

@Suite struct HTTPExchangeTests {
  private func answer(_ request: String, pieces: Int = .max) -> String? {
    var exchange = HTTPExchange()
    var bytes = Array(request.utf8)[...]
    while !bytes.isEmpty {
      exchange.receive(bytes.prefix(pieces)) { "page\n" }
      bytes = bytes.dropFirst(pieces)
    }
    guard !exchange.wantsInput else { return nil }
    var answer: [UInt8] = []
    while !exchange.isOver {
      exchange.drain { piece in
        answer += piece.prefix(7)
        return min(piece.count, 7)
      }
    }
    return String(decoding: answer, as: UTF8.self)
  }

  @Test(arguments: [
    "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", "GET /metrics HTTP/1.0\n\n",
    "GET /metrics?x=y HTTP/1.1\r\n\r\n", "GET /metrics HTTP/1.1\r\n\r\nmore that nobody reads",
  ])
  func answersWithThePage(_ request: String) {
    let expected = """
      HTTP/1.1 200 OK\r
      Content-Type: text/plain; version=0.0.4; charset=utf-8\r
      Content-Length: 5\r
      Connection: close\r
      \r
      page

      """
    for pieces in [1, 2, 1000] { #expect(answer(request, pieces: pieces) == expected) }
  }

  @Test func aHeadIsTheAnswerWithoutThePage() {
    let answer = answer("HEAD /metrics HTTP/1.1\r\n\r\n")
    #expect(answer?.hasSuffix("Content-Length: 5\r\nConnection: close\r\n\r\n") == true)
  }

  @Test(arguments: [
    ("POST /metrics HTTP/1.1\r\n\r\n", "405"), ("GET / HTTP/1.1\r\n\r\n", "404"),
    ("GET /metricsx HTTP/1.1\r\n\r\n", "404"), ("GET /metrics\r\n\r\n", "400"),
    ("GET  /metrics HTTP/1.1\r\n\r\n", "400"), ("GET /metrics HTTP/2.0\r\n\r\n", "400"),
    (" /metrics HTTP/1.1\r\n\r\n", "400"), ("\r\n\r\n", "400"), ("\n", "400"),
    ("\u{0}\u{1}\r\n\r\n", "400"),
  ])
  func tellsWhatIsWrong(_ request: String, _ status: String) {
    let answer = answer(request)
    #expect(answer?.hasPrefix("HTTP/1.1 \(status) ") == true)
    #expect(answer?.contains("Connection: close\r\n") == true)
  }

  @Test func waitsForTheEndOfTheHead() {
    for request in ["", "GET", "GET /metrics HTTP/1.1\r\n", "GET /metrics HTTP/1.1\r\nA: b\r\n\r"] {
      #expect(answer(request) == nil)
    }
  }

  @Test func aRequestHasABound() {
    var exchange = HTTPExchange()
    var sent = 0
    while exchange.wantsInput {
      exchange.receive(Array(repeating: UInt8(ascii: "x"), count: 100)) { "" }
      sent += 100
    }
    #expect(sent <= HTTPExchange.maximumRequestBytes + 100)
    let long = String(repeating: "x", count: HTTPExchange.maximumRequestBytes)
    #expect(
      answer("GET /metrics HTTP/1.1\r\nA: \(long)\r\n\r\n")?.hasPrefix("HTTP/1.1 431 ") == true)
  }

  @Test func randomBytesAreAnsweredOrWaitedFor() {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<2000 {
      var exchange = HTTPExchange()
      let bytes = (0..<Int.random(in: 0...200, using: &random)).map { _ in
        Bool.random(using: &random) ? UInt8(ascii: "\n") : UInt8.random(in: 0...255, using: &random)
      }
      exchange.receive(bytes) { "" }
      #expect(exchange.wantsInput == (exchange.unsentBytes == 0))
    }
  }
}
