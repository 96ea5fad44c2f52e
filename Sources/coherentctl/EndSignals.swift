// The signals that end a program, as something to wait for: a command that has to put something
// back in order first makes one of these before it begins.
import CoherentSystem

struct EndSignals: ~Copyable {
  let descriptor: SignalDescriptor

  /// From now on these signals only make it readable.
  init(
    _ signals: [CInt] = [
      SignalNumber.interrupt, SignalNumber.hangUp, SignalNumber.terminate, SignalNumber.quit,
    ]
  ) throws(Complaint) {
    do throws(SystemError) {
      descriptor = try SignalDescriptor(signals: signals)
    } catch {
      throw Complaint("\(error)", status: Complaint.failureStatus)
    }
  }

  var raw: CInt { descriptor.raw }

  /// A place to wait for them and for more, under that token.
  func epoll(token: UInt64) throws(Complaint) -> Epoll {
    do throws(SystemError) {
      let epoll = try Epoll()
      try epoll.add(raw, readable: true, token: token)
      return epoll
    } catch {
      throw Complaint("\(error)", status: Complaint.failureStatus)
    }
  }

  /// The signal that came, if one came within the time; negative waits for ever.
  func wait(milliseconds: Int32) -> CInt? {
    guard Readiness.waitReadable(raw, timeoutMilliseconds: milliseconds) else { return nil }
    return descriptor.next()
  }
}
