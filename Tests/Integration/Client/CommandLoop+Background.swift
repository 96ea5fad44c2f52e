// Commands that start what goes on while other commands come, and that end it.

import Coherent
import CoherentSystem
import Synchronization

extension CommandLoop {
  func background(_ verb: String, _ words: inout Words) throws -> String? {
    switch verb {
    case "write":
      writers = try Writers(
        buffers: buffers, lanes: try words.number(), seed: try words.number(),
        churn: try words.number() == 1)
      return "ok"
    case "written": return "ok \(writers?.count ?? 0)"
    case "stop-writing":
      guard let writers else { throw Misuse("nobody writes") }
      let fault = writers.finish()
      let count = writers.count
      self.writers = nil
      return fault ?? "ok \(count)"
    case "request":
      toil = try Toil(try (0..<(try words.number())).map { try requesting(seed: $0) })
      return "ok"
    case "fork-often":
      toil = try Toil([forking()])
      return "ok"
    case "pin-on":
      toil = try Toil((0..<(try words.number())).map { pinningAtRandom(seed: $0) })
      return "ok"
    case "renew":
      toil = try Toil([renewing(try buffer(&words))])
      return "ok"
    case "scribble":
      toil = try Toil([scribbling(try OwnProcess.controlRange(), seed: try words.number())])
      return "ok"
    case "toiled": return "ok \(toil?.count ?? 0)"
    case "stop-toil":
      guard let toil else { throw Misuse("nobody toils") }
      let fault = toil.finish()
      let count = toil.count
      self.toil = nil
      return fault.map { "wrong \($0)" } ?? "ok \(count)"
    case "wait-for-memory":
      let client = try connected()
      let bytes = try words.number()
      let milliseconds = try words.number()
      waiting.append(
        try Thread.start(name: "waits") {
          _ = try? client.allocate(bytes: bytes, timeout: .milliseconds(milliseconds))
        })
      return "ok"
    default: return nil
    }
  }

  /// Requests of every kind on a small buffer of its own. Refusals are right; nothing else is.
  private func requesting(seed: Int) throws -> @Sendable () -> String? {
    let client = try connected()
    return {
      do throws(CoherentError) {
        let buffer = try client.allocate(bytes: 32 << 10, timeout: .milliseconds(100))
        Pattern(seed: UInt64(seed)).fill(buffer.bytes, 0..<16)
        let pin = try? buffer.pin(lease: .milliseconds(50), timeout: .milliseconds(100))
        _ = try buffer.query()
        _ = try? pin?.release()
        _ = try? buffer.migrate(to: .host, timeout: .milliseconds(100))
        _ = try client.statistics()
        _ = try? buffer.migrate(to: .device, timeout: .milliseconds(100))
        let fault = Pattern(seed: UInt64(seed)).fault(in: buffer.bytes, 0..<16)
        try buffer.free()
        return fault
      } catch {
        return error.reason == .outOfDeviceMemory ? nil : "\(error)"
      }
    }
  }

  /// Children that end at once, by fork alone and by fork and exec in turn.
  private func forking() -> @Sendable () -> String? {
    {
      do {
        let forked = try Process.fork { 0 }.wait()
        let started = try Process.spawn(path: "/bin/true").wait()
        return forked == .status(0) && started == .status(0)
          ? nil : "a child ended by \(forked), \(started)"
      } catch {
        return "\(error)"
      }
    }
  }
}
