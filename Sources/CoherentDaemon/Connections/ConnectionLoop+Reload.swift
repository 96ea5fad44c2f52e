// A reload, from the wish to its answers. Its files are read on a thread of their own, for a time
// that is bounded; what they say is applied here, between two requests of clients. The supervisor
// hears of the beginning and of the end. Who asks while files are being read is answered by another
// reading, because what he changed may have been read already.

import CoherentSystem

extension ConnectionLoop {
  /// Applies what the files say now, and tells what came of it.
  func reload(_ answer: @escaping @Sendable (Reloader.Outcome) -> Void) {
    if isStopping { return answer(.stopping) }
    if reloader.isReading { return reloader.latecomers.append(answer) }
    beginReload([answer])
  }

  private func beginReload(_ answers: [@Sendable (Reloader.Outcome) -> Void]) {
    let now = Clock.monotonicNanoseconds()
    Supervisor.reloading(atNanoseconds: now)
    if let outcome = reloader.begin(answers, now) { return finishReload(outcome) }
    performer.engine.armPulse()  // the bound of it has to be watched
  }

  /// The files of a reading have come.
  func take(_ reading: ConfigurationReading, of number: UInt64) {
    guard reloader.awaits(number) else { return }  // it was given up
    finishReload(reloader.apply(reading))
  }

  /// Gives a reading up whose time is over.
  func checkReload(_ now: UInt64) {
    if reloader.isOverdue(now) { finishReload(reloader.giveUp()) }
  }

  private func finishReload(_ outcome: Reloader.Outcome) {
    let status = statusText()
    Supervisor.ready(status: status)
    statusLine.wasTold(status)
    for answer in reloader.takeAnswers() { answer(outcome) }
    let latecomers = reloader.takeLatecomers()
    if !latecomers.isEmpty { beginReload(latecomers) }
  }

  /// The daemon stops: whoever waits for a reload hears that.
  func abandonReload() {
    reloader.forgetReading()
    for answer in reloader.takeAnswers() + reloader.takeLatecomers() { answer(.stopping) }
  }
}
