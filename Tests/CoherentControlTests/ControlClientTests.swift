// The client says what is wrong with the daemon: absent, silent, or something else altogether. It
// never waits for ever, and never takes nonsense for an answer.

import CoherentControl
import CoherentSystem
import Testing

@Suite struct ControlClientTests {
  private func failure(path: String) -> ControlFailure? {
    do throws(ControlFailure) {
      _ = try ControlClient(path: path)
      return nil
    } catch {
      return error
    }
  }

  @Test func saysThatNobodyRunsWhereThereIsNoSocket() {
    let path = ServerHarness.freshPath()
    #expect(failure(path: path) == .notRunning(path: path, exists: false))
    #expect(failure(path: path + "/below") == .notRunning(path: path + "/below", exists: false))
  }

  @Test func saysThatNobodyListensAtASocketThatWasLeft() throws {
    let path = ServerHarness.freshPath()
    _ = try LocalSocket.listen(path: path, kind: .stream, mode: 0o600)
    defer { try? SmallFile.remove(path: path) }
    #expect(failure(path: path) == .notRunning(path: path, exists: true))
  }

  /// What the client makes of whatever its peer says.
  private func status(answered text: String) throws -> ControlFailure? {
    let pair = try LocalSocket.pair(kind: .stream)
    Array(text.utf8).withUnsafeBytes { _ = pair.first.send($0, wait: true) }
    do throws(ControlFailure) {
      var client = ControlClient(adopting: try! pair.second.descriptor.duplicateSocket())
      _ = try client.status()
      return nil
    } catch {
      return error
    }
  }

  @Test func givesUpOnAPeerThatSpeaksSomethingElse() throws {
    for text in [
      "HTTP/1.1 400 Bad Request\r\n\r\n\0", "{}\0", #"{"parameters":{}}"# + "\0",
      #"{"parameters":{"status":{"version":7}}}"# + "\0", #"{"error":7}"# + "\0", "\0", "[[[[\0",
    ] {
      #expect(try status(answered: text) == .notUnderstood)
    }
    #expect(
      try status(answered: #"{"error":"a.b.C"}"# + "\0") == .call(.unknown(name: "a.b.C")))
  }

  @Test func doesNotWaitForEverForAnAnswer() throws {
    let pair = try LocalSocket.pair(kind: .stream)
    var client = ControlClient(
      adopting: try pair.second.descriptor.duplicateSocket(), answerMilliseconds: 20)
    do throws(ControlFailure) {
      _ = try client.status()
      Issue.record("answered by nobody")
    } catch {
      #expect(error == .noAnswer(milliseconds: 20))
    }
  }
}

extension Descriptor {
  borrowing func duplicateSocket() throws -> LocalSocket {
    LocalSocket(adopting: try duplicate())
  }
}
