// Rounds of work with pins, for threads that go on behind the commands: as many as can be taken,
// one that is renewed for ever, and what somebody does who wants to spoil the words.

import Coherent
import CoherentSystem
import Synchronization

extension CommandLoop {
  /// Pins a random buffer, and finds it where it was and as it was filled while the lease holds:
  /// each with its own number, as `fill` does it. Refusals are right; nothing else is.
  func pinningAtRandom(seed: Int) -> @Sendable () -> String? {
    let buffers = buffers
    let random = Mutex(RandomNumbers(seed: seed))
    return {
      let number = random.withLock { $0.below(buffers.count) }
      let looks = random.withLock { $0.below(16) } == 0
      let buffer = buffers[number]
      do {
        var places: [Buffer.PlaceRange] = []
        let outcome = try buffer.withPin(lease: .milliseconds(50), timeout: .milliseconds(500)) {
          bytes throws(CoherentError) -> String? in
          if looks { places = try buffer.query() }
          return Pattern(seed: UInt64(number)).fault(in: bytes, 0..<bytes.count / 8)
        }
        if let fault = outcome.value { return fault }
        let strays = places.contains { $0.place != .device && $0.place != .host }
        return strays && outcome.leaseHeld ? "wrong: pinned, and in \(places)" : nil
      } catch let error as CoherentError {
        return error.reason == .timedOut || error.reason == .outOfDeviceMemory ? nil : "\(error)"
      } catch {
        return "\(error)"
      }
    }
  }

  /// Holds a pin at every moment, taking the next one before the last one ends.
  func renewing(_ buffer: Buffer) -> @Sendable () -> String? {
    let held = Mutex<HeldPin?>(nil)
    return {
      do throws(CoherentError) {
        let next = HeldPin(try buffer.pin(lease: .milliseconds(50), timeout: .milliseconds(500)))
        let last = held.withLock { held in
          let last = held
          held = next
          return last
        }
        try last?.end()
        return nil
      } catch {
        let isRight = error.reason == .leaseExpired || error.reason == .timedOut
        return isRight ? nil : "\(error)"
      }
    }
  }

  /// Random words all over the control memory, behind the header and over it.
  func scribbling(_ range: Range<UInt>, seed: Int) -> @Sendable () -> String? {
    let random = Mutex(RandomNumbers(seed: seed))
    return {
      let words = UnsafeMutablePointer<UInt64>(bitPattern: range.lowerBound)!
      random.withLock { random in
        for index in 0..<range.count / 8 { words[index] = random.next() }
      }
      return nil
    }
  }
}
