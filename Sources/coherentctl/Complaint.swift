// What the program says when it could not do what it was asked: one line with what and why, where
// possible a second one with what would help, and the exit status.
import CoherentControl
import CoherentWire

struct Complaint: Error, Equatable {
  static let failureStatus: Int32 = 1
  static let notRunningStatus: Int32 = 3
  static let absentStatus: Int32 = 4
  /// EX_USAGE of sysexits.h(3head), as the parser has it.
  static let usageStatus: Int32 = 64

  let message: String
  let hint: String?
  let status: Int32

  init(_ message: String, hint: String? = nil, status: Int32) {
    self.message = message
    self.hint = hint
    self.status = status
  }

  func text(_ style: Style) -> String {
    let first = "\(style.bad("coherentctl:")) \(message)\n"
    return hint.map { "\(first)Hint: \($0)\n" } ?? first
  }
}

extension Complaint {
  init(_ failure: ControlFailure) {
    switch failure {
    case .notRunning(let path, let exists):
      self.init(
        exists
          ? "the daemon is not running: nobody listens at \(path)"
          : "the daemon is not running: there is no socket \(path)",
        hint: "start it with `systemctl start coherentd`, or name its socket with --socket",
        status: Self.notRunningStatus)
    case .notAdmitted(let path, let group):
      self.init(
        "permission denied to open \(path)", hint: Self.membership(group),
        status: Self.failureStatus)
    case .noAnswer(let milliseconds):
      self.init(
        "no answer from the daemon within \(DurationText.plain(UInt64(milliseconds)))",
        hint: "`systemctl status coherentd` tells whether it hangs", status: Self.failureStatus)
    case .connectionLost:
      self.init(
        "the daemon ended the connection before it had answered",
        hint: "it may have been stopped; `journalctl -u coherentd` tells",
        status: Self.failureStatus)
    case .notUnderstood:
      self.init(
        "what listens there does not answer as coherentd \(ProductVersion.text) does",
        hint: "check --socket, and that coherentctl is as new as the daemon",
        status: Self.failureStatus)
    case .system(let error): self.init("\(error)", status: Self.failureStatus)
    case .call(.control(let error)): self.init(error)
    case .call(.service(.methodNotFound(let method))),
      .call(.service(.methodNotImplemented(let method))):
      self.init(
        "the daemon does not know \(method)", hint: "it is older than this coherentctl",
        status: Self.failureStatus)
    case .call(.service(let error)):
      self.init("the daemon refused the call: \(error.name)", status: Self.failureStatus)
    case .call(.unknown(let name)):
      self.init(
        "the daemon answered with the unknown error \(Printable.text(name))",
        hint: "it is newer than this coherentctl", status: Self.failureStatus)
    }
  }

  private init(_ error: ControlError) {
    switch error {
    case .notPermitted(let detail):
      self.init(
        "user \(detail.user) may not administer coherentd", hint: Self.membership(detail.group),
        status: Self.failureStatus)
    case .noSuchSession(let detail):
      let name = detail.session.map { " \($0.rawValue)" } ?? ""
      let owner = detail.process.map { " of process \($0)" } ?? ""
      self.init(
        "there is no session\(name)\(owner)", hint: "`coherentctl sessions` lists them",
        status: Self.absentStatus)
    case .noSuchAllocation(let detail):
      let name = detail.allocation.map { " \($0.rawValue)" } ?? ""
      let place = detail.session.map { " in session \($0.rawValue)" } ?? ""
      self.init(
        "there is no allocation\(name)\(place)", hint: "`coherentctl allocations` lists them",
        status: Self.absentStatus)
    case .invalidRange(let detail), .refused(let detail):
      self.init(
        "refused: \(Printable.text(detail.message)) (\(Printable.text(detail.reason)))",
        status: Self.failureStatus)
    case .outOfDeviceMemory(let detail):
      self.init(
        "not enough device memory: \(Self.numbers(detail))",
        hint: detail.pinnedBytes > 0
          ? "`coherentctl pins` lists who pins it, and until when"
          : "`coherentctl evict` frees some", status: Self.failureStatus)
    case .outOfHostMemory(let detail):
      self.init(
        "not enough host memory to evict to: \(Self.numbers(detail))",
        hint: "raise the host limit in coherentd.conf, or end a client",
        status: Self.failureStatus)
    case .timedOut(let detail): self.init(Self.lateness(detail), status: Self.failureStatus)
    case .noSuchBlock(let detail):
      self.init(
        "there is no block \(detail.block)", hint: "`coherentctl block list` lists them",
        status: Self.absentStatus)
    case .wrongBlockState(let detail):
      // The daemon's sentence names the block and its state.
      self.init(Printable.text(detail.message), status: Self.failureStatus)
    }
  }

  private static func membership(_ group: String?) -> String {
    guard let group else { return "only root and the daemon's own user may" }
    return "root and the members of group \(Printable.text(group)) may"
  }

  private static func numbers(_ detail: ControlError.MemoryDetail) -> String {
    var parts = [
      "asked \(ByteText.prose(detail.askedBytes))",
      "available \(ByteText.prose(detail.availableBytes))",
    ]
    if detail.pinnedBytes > 0 { parts.append("pinned \(ByteText.prose(detail.pinnedBytes))") }
    if detail.limitBytes > 0 { parts.append("limit \(ByteText.prose(detail.limitBytes))") }
    let text = parts.joined(separator: ", ")
    return holder(detail.holderProcess, detail.holderSession).map { text + "; \($0) pins most" }
      ?? text
  }

  private static func lateness(_ detail: ControlError.HolderDetail) -> String {
    var text = "not done in time"
    if let holder = holder(detail.holderProcess, detail.holderSession) {
      text += ": \(holder) holds it"
    }
    if let frames = detail.evictedFrames {
      text += "; \(PluralText.count(frames, "frame")) evicted until then"
    }
    return text
  }

  /// Who is in the way, if anybody is.
  private static func holder(_ process: Int32?, _ session: SessionID?) -> String? {
    switch (process, session) {
    case (let process?, let session?): "process \(process) (session \(session.rawValue))"
    case (let process?, nil): "process \(process)"
    case (nil, let session?): "session \(session.rawValue)"
    case (nil, nil): nil
    }
  }
}
