// A client process of a test: it uses the library as any program does, and does what the test tells
// it over a channel, one command and one answer at a time. So it can be another user, fork, exec,
// be stopped or killed, while the test that started it looks on.

import Coherent
import CoherentSystem

final class CommandLoop {
  private let channel: CommandChannel
  let socketPath: String
  private var client: Client?
  var buffers: [Buffer] = []
  var pins: [HeldPin] = []
  var writers: Writers?
  var toil: Toil?
  /// Allocations that wait on a thread of their own.
  var waiting: [Thread] = []
  let locks = LockCount()
  let crowd = Crowd()

  /// Arguments: the channel of the commands, and the path of the daemon's socket.
  static func start(_ arguments: [String]) -> Never {
    guard arguments.count == 3, let channel = CommandChannel(arguments[1]) else {
      StandardError.write("usage: integration-client CHANNEL|- SOCKET, started by a test\n")
      Process.exit(64)
    }
    let loop = CommandLoop(channel: channel, socketPath: arguments[2])
    loop.run()
    // Its threads go on to the end; nobody joins them.
    withExtendedLifetime(loop) { Process.exit(0) }
  }

  private init(channel: consuming CommandChannel, socketPath: String) {
    self.channel = channel
    self.socketPath = socketPath
  }

  /// Until the test hangs up.
  private func run() {
    while let command = channel.receive() {
      let text: String
      do {
        text = try perform(Words(command))
      } catch let error as CoherentError {
        text = Answer.refusal(error)
      } catch {
        text = "failed \(error)"
      }
      channel.send(text)
    }
  }

  private func perform(_ received: Words) throws -> String {
    var words = received
    let verb = try words.text()
    switch verb {
    case "connect":
      let client = try Client(socketPath: socketPath)
      self.client = client
      return "ok \(client.isFullMode ? 1 : 0) \(client.frameBytes)"
    case "is-connected": return "ok \(try connected().isConnected ? 1 : 0)"
    case "close":
      try connected().close()
      return "ok"
    case "process": return "ok \(Process.id)"
    default: break
    }
    for family in [
      memory, pinning, systemCalls, background, ends, hostility, fileLocks, crowding,
    ] {
      if let answer = try family(verb, &words) { return answer }
    }
    throw Misuse("no command \(verb)")
  }

  func connected() throws -> Client {
    guard let client else { throw Misuse("not connected") }
    return client
  }
}

/// The test asked for what makes no sense.
struct Misuse: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
