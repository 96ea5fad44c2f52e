// Ports of this machine: what listens is reached on its address, and on no other kind of address
// can anything listen.

import Glibc
import Testing

@testable import CoherentSystem

struct LoopbackTests {
  private func exchange(_ address: LoopbackAddress) throws {
    let listener = try LocalSocket.listen(loopback: address, port: 0)
    let bound = listener.port()
    let port = try #require(bound)
    #expect(port > 0)
    let client = try LocalSocket.connect(loopback: address, port: port)
    let hasCome = listener.waitReadable(timeoutMilliseconds: 20_000)
    #expect(hasCome)
    guard case .accepted(let accepted) = listener.accept() else {
      Issue.record("nobody came")
      return
    }
    _ = [1, 2, 3].withUnsafeBytes { client.send($0) }
    let hasSent = accepted.waitReadable(timeoutMilliseconds: 20_000)
    #expect(hasSent)
  }

  @Test func aConnectionReachesWhatListens() throws {
    try exchange(.version4(127, 0, 0, 1))
    try exchange(.version4(127, 4, 5, 6))
  }

  @Test(
    .enabled(if: SmallFile.exists(path: "/proc/net/if_inet6"), "needs ipv6: this machine has none"))
  func aConnectionReachesWhatListensInVersionSix() throws {
    try exchange(.version6)
  }

  @Test func noOtherAddressIsListenedOn() {
    let error = #expect(throws: SystemError.self) {
      _ = try LocalSocket.listen(loopback: .version4(10, 0, 0, 1), port: 0)
    }
    #expect(error?.code == EINVAL)
  }

  @Test func aPortThatIsTakenIsAnError() throws {
    let listener = try LocalSocket.listen(loopback: .version4(127, 0, 0, 1), port: 0)
    let port = listener.port() ?? 0
    let error = #expect(throws: SystemError.self) {
      _ = try LocalSocket.listen(loopback: .version4(127, 0, 0, 1), port: port)
    }
    #expect(error?.code == EADDRINUSE)
  }

  @Test func aUnixSocketHasNoPort() throws {
    let pair = try LocalSocket.pair(kind: .stream)
    let port = pair.first.port()
    #expect(port == nil)
  }
}
