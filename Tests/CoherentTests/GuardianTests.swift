// The daemon is gone and nobody takes its place: the program goes on with its own memory, and what
// cannot be brought back is never taken for zeros.

import CoherentShared
import CoherentSystem
import CoherentWire
import Glibc
import Synchronization
import TestSupport
import Testing

@testable import Coherent

@Suite(.enabled(if: KernelRight.userfaultfd.isThere, "\(KernelRight.userfaultfd)"))
struct GuardianTests {
  private static let frameBytes = DyingDaemon.frameBytes

  /// The first frame that does not hold its number throughout; those in `zero` hold zeros.
  private static func wrongFrame(_ buffer: Buffer, zero: Set<Int> = []) -> Int? {
    (0..<DyingDaemon.frames).first { frame in
      let byte = zero.contains(frame) ? 0 : UInt8(frame + 1)
      return !buffer.bytes[frame * frameBytes..<(frame + 1) * frameBytes].allSatisfy { $0 == byte }
    }
  }

  @Test func everyByteIsRightAndWhoWaitedGoesOn() throws {
    try DyingDaemon.run { daemon in
      for frame in [0, 1] { try daemon.hold(frame) }
      for frame in [2, 3, 4] { try daemon.store(frame) }
      // It died after the copy was named and before the arena was punched, or while bringing back.
      try daemon.store(5, leaving: 99)
      // Nobody touched 6; of 7 its owner wants nothing any more, and it is not punched yet.
      try daemon.write(7, byte: 77, at: 0)
      daemon.table.note(7..<8, .zero)
      try daemon.takeFaults(4)
    } client: { client, buffer in
      let start = UInt(bitPattern: buffer.bytes.baseAddress!)
      let waiters = try [0, 3, 5, 6].map { frame in
        try Thread.start(name: "waiter") {
          // A read and a write that goes on from it.
          let place = UnsafeMutablePointer<UInt8>(bitPattern: start)! + frame * Self.frameBytes
          let found = place.pointee
          #expect(found == (frame == 6 ? 0 : UInt8(frame + 1)))
          place[1] &+= 1
        }
      }
      for waiter in waiters { waiter.join() }
      #expect(client.awaitCustody(.process))
      for frame in [0, 3, 5, 6] {
        let place = frame * Self.frameBytes + 1
        #expect(buffer.bytes[place] == (frame == 6 ? 1 : UInt8(frame + 2)))
        buffer.bytes[place] -= 1
      }
      #expect(Self.wrongFrame(buffer, zero: [6, 7]) == nil)
      #expect(!client.isConnected)
    }
  }

  @Test func aBufferWithoutADaemonIsOrdinaryMemory() throws {
    try DyingDaemon.run { daemon in
      for frame in 0..<DyingDaemon.frames { try daemon.store(frame) }
    } client: { client, buffer in
      #expect(client.awaitCustody(.process))
      let places = try buffer.query(range: 1..<100)
      #expect(places == [Buffer.PlaceRange(range: 1..<100, place: .host)])
      let pin = try buffer.pin(lease: .milliseconds(1))
      #expect(pin.lease == nil)
      try pin.release()
      let longTerm = try buffer.pin(longTerm: true)
      #expect(longTerm.movedFrames == 0)
      try longTerm.release()
      let moved = try buffer.migrate(to: .host)
      #expect(moved.movedFrames == 0 && moved.alreadyFrames == DyingDaemon.frames)
      #expect(
        refusal { () throws(CoherentError) in try buffer.migrate(to: .device) }?.reason
          == .notConnected)
      #expect(
        refusal { () throws(CoherentError) in try client.allocate(bytes: 1) }?.reason
          == .notConnected)
      #expect(Self.wrongFrame(buffer) == nil)
      try buffer.free()
      #expect(refusal(buffer.free)?.reason == .invalidRange)
    }
  }

  @Test func whatWasFreedWithoutADaemonIsGoneForGood() async {
    await #expect(processExitsWith: .signal(SIGBUS)) {
      try DyingDaemon.run { daemon in
        try daemon.store(0)
      } client: { client, buffer in
        precondition(client.awaitCustody(.process))
        precondition(buffer.bytes[0] == 1)
        try buffer.free()
        precondition(buffer.bytes[0] == 1)
      }
    }
  }

  @Test func afterACleanStopThereIsNothingToDo() throws {
    let base = Mutex<UInt64>(0)
    let isKnown = Gate()
    try DyingDaemon.run { daemon in
      for frame in 1..<DyingDaemon.frames { try daemon.hold(frame) }
      isKnown.wait()
      try daemon.surrender(base: base.withLock { $0 })
      // The program goes on before the daemon is gone: nobody notes what it touches first.
      try daemon.write(0, byte: 1, at: 0)
    } client: { client, buffer in
      base.withLock { $0 = UInt64(UInt(bitPattern: buffer.bytes.baseAddress!)) }
      isKnown.open()
      #expect(client.awaitCustody(.process))
      #expect(Self.wrongFrame(buffer) == nil)
      buffer.bytes[0] = 5
      #expect(buffer.bytes[0] == 5)
    }
  }

  @Test func aSessionThatTheDaemonEndedIsLoud() async {
    await #expect(processExitsWith: .signal(SIGBUS)) {
      try DyingDaemon.run { daemon in
        try daemon.hold(0)
        daemon.table.noteEnd()
      } client: { client, buffer in
        precondition(client.awaitCustody(.nobody))
        precondition(refusal(client.statistics)?.reason == .notConnected)
        precondition(buffer.bytes[0] == 1)
      }
    }
  }

  @Test func whoWaitsInAnEndedSessionIsToldToo() async {
    await #expect(processExitsWith: .signal(SIGBUS)) {
      try DyingDaemon.run { daemon in
        try daemon.takeFaults(1)
        daemon.table.noteEnd()
      } client: { _, buffer in
        precondition(buffer.bytes[0] == 1)
      }
    }
  }

  @Test func withADamagedTableWhatIsThereStays() throws {
    try DyingDaemon.run { daemon in
      for frame in 0..<DyingDaemon.frames { try daemon.hold(frame) }
      daemon.damageTable()
    } client: { client, buffer in
      #expect(client.awaitCustody(.process))
      #expect(Self.wrongFrame(buffer) == nil)
    }
  }

  @Test func withADamagedTableWhatIsMissingIsNeverZero() async {
    await #expect(processExitsWith: .signal(SIGBUS)) {
      try DyingDaemon.run { daemon in
        try daemon.hold(0)
        try daemon.store(1)
        daemon.damageTable()
      } client: { client, buffer in
        precondition(client.awaitCustody(.process))
        precondition(buffer.bytes[0] == 1)
        precondition(buffer.bytes[Self.frameBytes] == 2)
      }
    }
  }

  @Test func aFrameThatCannotBeBroughtBackIsNeverZero() async {
    await #expect(processExitsWith: .signal(SIGBUS)) {
      try DyingDaemon.run { daemon in
        try daemon.hold(0)
        try daemon.store(1)
        daemon.refuseWrites()
        try daemon.takeFaults(1)
      } client: { client, buffer in
        let start = UInt(bitPattern: buffer.bytes.baseAddress!)
        // Held frames are as they were, even to who waited for one.
        precondition(UnsafePointer<UInt8>(bitPattern: start)!.pointee == 1)
        precondition(client.awaitCustody(.process))
        precondition(buffer.bytes[Self.frameBytes] == 2)
      }
    }
  }

  @Test func nobodyWaitsForAClientThatIsClosedMeanwhile() throws {
    try DyingDaemon.run { daemon in
      for frame in 0..<DyingDaemon.frames { try daemon.store(frame) }
    } client: { client, _ in
      client.close()
      #expect(!client.isConnected)
    }
  }
}
