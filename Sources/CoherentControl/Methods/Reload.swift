// `Reload`: read the configuration again, and apply what can change. Answered when it is done.

extension ControlMethod {
  static let reload = deferred(
    ControlInterface.name + ".Reload", takes: NoParameters.self
  ) { (_: NoParameters, context, finish: @escaping Completion<ReloadReport>) in
    context.source.reload(completion: finish)
  }
}
