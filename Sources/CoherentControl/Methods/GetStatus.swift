// `GetStatus`: the daemon and the device at one moment.

package struct StatusAnswer: Codable, Equatable, Sendable {
  package var status: StatusReport
}

extension ControlMethod {
  static let getStatus = immediate(
    ControlInterface.name + ".GetStatus", takes: NoParameters.self
  ) { (_, context) throws(CallFailure) in
    StatusAnswer(status: context.source.status())
  }
}
