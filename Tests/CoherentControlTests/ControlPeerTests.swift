// How long a peer may take: long between calls, shortly in the middle of one. A peer that waits for
// the daemon is never called late.

import CoherentSystem
import Testing

@testable import CoherentControl

@Suite struct ControlPeerTests {
  private func peer() throws -> (ControlPeer, LocalSocketBox) {
    let pair = try LocalSocket.pair(kind: .stream)
    let peer = ControlPeer(
      try pair.first.descriptor.duplicateSocket(), try pair.first.peerCredentials(),
      .administrator, token: 7, now: 1000)
    return (peer, LocalSocketBox(try pair.second.descriptor.duplicateSocket()))
  }

  final class LocalSocketBox {
    let socket: LocalSocket
    init(_ socket: consuming LocalSocket) { self.socket = socket }

    func send(_ text: String) {
      Array(text.utf8).withUnsafeBytes { _ = socket.send($0, wait: true) }
    }
  }

  private let context = ControlContext(
    source: SampleSource(holdsOrders: true),
    info: ServiceInfo(vendor: "v", product: "p", version: "1", url: "u"), followers: Followers())

  @Test func anIdlePeerMayStayLongerThanOneInTheMiddleOfACall() throws {
    let (peer, other) = try peer()
    var buffer = [UInt8](repeating: 0, count: ControlLimits.readBytes)
    _ = peer.connection.advance(context)
    #expect(peer.deadline == 1000 + ControlLimits.idleMilliseconds)
    other.send("{")
    #expect(peer.read(into: &buffer, now: 2000) == .goesOn)
    _ = peer.connection.advance(context)
    #expect(peer.deadline == 2000 + ControlLimits.stalledMilliseconds)
  }

  @Test func aPeerThatDoesNotReadIsStalledFromItsLastByteOn() throws {
    let (peer, other) = try peer()
    var buffer = [UInt8](repeating: 0, count: ControlLimits.readBytes)
    other.send(callText("GetStatus") + "\0")
    #expect(peer.read(into: &buffer, now: 2000) == .goesOn)
    _ = peer.connection.advance(context)
    #expect(peer.deadline == 2000 + ControlLimits.stalledMilliseconds)
    #expect(peer.write(now: 3000))
    #expect(peer.deadline == 3000 + ControlLimits.idleMilliseconds)
  }

  @Test func aPeerThatWaitsForTheDaemonIsNeverLate() throws {
    let (peer, other) = try peer()
    var buffer = [UInt8](repeating: 0, count: ControlLimits.readBytes)
    other.send(callText("Evict") + "\0")
    #expect(peer.read(into: &buffer, now: 2000) == .goesOn)
    guard case .start = peer.connection.advance(context) else {
      Issue.record("the order was not started")
      return
    }
    #expect(peer.deadline == nil)
  }

  @Test func writingToAPeerThatLeftSaysSo() throws {
    let (peer, other) = try peer()
    var buffer = [UInt8](repeating: 0, count: ControlLimits.readBytes)
    other.send(callText("GetStatus") + "\0")
    #expect(peer.read(into: &buffer, now: 2000) == .goesOn)
    _ = peer.connection.advance(context)
    other.socket.shutdown()
    #expect(!peer.write(now: 2000))
  }

  @Test func aFollowerMayBeQuietAndSlowForAsLongAsItLikes() throws {
    let (peer, other) = try peer()
    var buffer = [UInt8](repeating: 0, count: ControlLimits.readBytes)
    other.send(callText("FollowEvents", #"{"follow":true}"#, flags: #","more":true"#) + "\0")
    #expect(peer.read(into: &buffer, now: 5000) == .goesOn)
    _ = peer.connection.advance(context)
    #expect(peer.connection.unsentBytes > 0 && peer.deadline == nil)
    #expect(peer.write(now: 6000))
    #expect(peer.connection.unsentBytes == 0 && peer.deadline == nil)
  }
}
