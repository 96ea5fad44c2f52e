// `top` on a terminal: looks, draws, and waits for keys and signals until the next look. A daemon
// that goes away is said in place of its state, and found again when it is back.
import CoherentControl
import CoherentSystem

struct TopLoop: ~Copyable {
  /// A daemon that has not answered by then is shown as silent; the keys wait that long at most.
  private static let answerMilliseconds = 2000
  private static let inputToken: UInt64 = 0
  private static let signalToken: UInt64 = 1

  private let delayMilliseconds: UInt64
  private let signals: EndSignals
  private let epoll: Epoll
  private var link: ControlLink
  private var screen: TopScreen?
  private var view: TopPage.View
  private var style: Style
  private var sample: TopSample
  private var earlier: TopSample?
  private var names: [UInt32: String] = [:]
  /// The exit status, once it is over.
  private var end: CInt?

  /// Throws, with the terminal as it was, if the daemon cannot be asked.
  init(
    socketPath: String, delayMilliseconds: UInt32, _ view: TopPage.View, _ style: Style
  ) throws(Complaint) {
    let signals = try EndSignals([
      SignalNumber.interrupt, SignalNumber.terminate, SignalNumber.hangUp, SignalNumber.quit,
      SignalNumber.terminalStop, SignalNumber.goOn, SignalNumber.windowChange,
    ])
    let epoll = try signals.epoll(token: Self.signalToken)
    var link = ControlLink(path: socketPath, answerMilliseconds: Self.answerMilliseconds)
    let sample: TopSample
    do throws(ControlFailure) {
      sample = try link.call { (client) throws(ControlFailure) in try TopSample(&client) }
    } catch {
      throw Complaint(error)
    }
    self.link = link
    self.delayMilliseconds = UInt64(delayMilliseconds)
    self.view = view
    self.style = style
    self.sample = sample
    self.signals = signals
    self.epoll = epoll
    screen = nil
    // What is no terminal, a file for example, brings no keys.
    if Terminal.isTerminal(StandardInput.raw) {
      try? self.epoll.add(StandardInput.raw, readable: true, token: Self.inputToken)
    }
  }

  /// Until somebody ends it, or so many looks were shown; the exit status.
  mutating func run(iterations: Int?) -> CInt {
    screen = TopScreen()
    // The second look comes soon, so that there are rates.
    var next = now() + min(delayMilliseconds, 500)
    var looks = 1
    draw()
    while true {
      if let end {
        screen = nil
        return end
      }
      wait(until: next)
      guard end == nil, now() >= next else { continue }
      if let iterations, looks >= iterations {
        end = 0
        continue
      }
      look()
      looks += 1
      next = now() + delayMilliseconds
      draw()
    }
  }

  private func now() -> UInt64 { Clock.monotonicNanoseconds() / 1_000_000 }

  private mutating func look() {
    do throws(ControlFailure) {
      let sample = try link.call { (client) throws(ControlFailure) in try TopSample(&client) }
      // Another daemon's counters began anew.
      earlier = sample.status.process == self.sample.status.process ? self.sample : nil
      self.sample = sample
      view.message = nil
    } catch {
      view.message = "Trying again: " + Complaint(error).message
    }
  }

  private mutating func draw() {
    for session in sample.sessions where names[session.user] == nil {
      names[session.user] = UserText.name(session.user)
    }
    let names = names
    let size = Terminal.size(1) ?? Terminal.Size(columns: 80, rows: 24)
    let report = TopReport(sample, since: earlier)
    let page = TopPage(report, view, style) { names[$0] ?? String($0) }
    if screen?.draw(page.lines(size)) == false { end = Complaint.failureStatus }
  }

  // MARK: Keys and signals

  private mutating func wait(until next: UInt64) {
    let now = now()
    let rest = Int32(clamping: next > now ? next - now : 0)
    var ready = [Epoll.Ready](repeating: Epoll.Ready(), count: 2)
    let count = ready.withUnsafeMutableBufferPointer {
      epoll.wait(into: $0, timeoutMilliseconds: rest)
    }
    for event in ready[..<count] {
      if event.token == Self.signalToken {
        while let signal = signals.descriptor.next() { handle(signal) }
      } else if let bytes = StandardInput.read(maximumBytes: 256) {
        for key in TopKey.keys(in: bytes) { handle(key) }
        draw()
      } else {
        end = Complaint.failureStatus
      }
    }
  }

  private mutating func handle(_ signal: CInt) {
    switch signal {
    case SignalNumber.windowChange: draw()
    case SignalNumber.terminalStop:
      screen = nil
      Process.stopItself()
      reenter()
    case SignalNumber.goOn: reenter()
    default: end = 128 + signal
    }
  }

  /// Whoever had the terminal meanwhile may have left it in any state.
  private mutating func reenter() {
    screen = nil
    screen = TopScreen()
    draw()
  }

  private mutating func handle(_ key: TopKey) {
    let page = max((Terminal.size(1)?.rows ?? 24) - 8, 1)
    view.offset = min(view.offset, sample.sessions.count)
    switch key {
    case .character("q"), .character("Q"): end = 0
    case .character("r"): view.isReversed.toggle()
    case .character("?"): view.showsHelp.toggle()
    case .character("k"), .up: view.offset = max(view.offset - 1, 0)
    case .character("j"), .down: view.offset += 1
    case .pageUp: view.offset = max(view.offset - page, 0)
    case .pageDown: view.offset += page
    case .home: view.offset = 0
    case .end: view.offset = sample.sessions.count
    case .interrupt: end = 128 + SignalNumber.interrupt
    case .character(let character):
      guard let order = TopOrder(key: character) else { return }
      view.order = order
      view.offset = 0
    }
  }
}
