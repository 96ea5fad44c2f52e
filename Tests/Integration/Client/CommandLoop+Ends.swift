// Commands by which a client process ends in its own way, or makes children that share its fate or
// do not.

import Coherent
import CoherentSystem
import Glibc

extension CommandLoop {
  func ends(_ verb: String, _ words: inout Words) throws -> String? {
    switch verb {
    case "exit": Process.exit(CInt(try words.number()))
    case "abort": abort()
    case "exec":
      // Becomes another program, in the middle of whatever its threads do.
      let path = try words.text()
      execute(path)
      return "error \(errno)"
    case "touch-in-child":
      let buffer = try buffer(&words)
      let address = buffer.bytes.baseAddress!
      let exit = try Process.fork { address.load(as: UInt8.self) == 0 ? 100 : 101 }.wait()
      return switch exit {
      case .signal(let number): "ok signal \(number)"
      case .status(let number): "ok status \(number)"
      }
    case "leave-child":
      // A child with copies of all descriptors, which lives until the test kills it.
      let child = try Process.fork {
        while true { pause() }
      }
      return "ok \(child.process)"
    case "use-in-child":
      let client = try connected()
      let exit = try Process.fork {
        do throws(CoherentError) {
          _ = try client.statistics()
          return 0
        } catch {
          return error.reason == .notConnected ? 7 : 8
        }
      }.wait()
      return "ok \(exit == .status(7) ? 1 : 0)"
    default: return nil
    }
  }

  private func execute(_ path: String) {
    var arguments: [UnsafeMutablePointer<CChar>?] = [strdup(path), nil]
    execv(path, &arguments)
  }
}
