// `GetPressure`: which part of the time was lost to waiting for the device.

extension ControlMethod {
  static let getPressure = immediate(
    ControlInterface.name + ".GetPressure", takes: NoParameters.self
  ) { (_, context) throws(CallFailure) in
    context.source.pressure()
  }
}
