// `org.varlink.service.GetInfo` and `GetInterfaceDescription`: the service speaks for itself.

extension ControlMethod {
  static let getInfo = immediate(
    ServiceInterface.name + ".GetInfo", isForEverybody: true, takes: NoParameters.self
  ) { (_, context) throws(CallFailure) in
    context.info
  }

  static let getInterfaceDescription = immediate(
    ServiceInterface.name + ".GetInterfaceDescription", isForEverybody: true,
    takes: InterfaceQuery.self
  ) { (query, _) throws(CallFailure) in
    guard let found = interfaces.first(where: { $0.name == query.interface }) else {
      throw .service(.interfaceNotFound(query.interface))
    }
    return InterfaceDescription(description: found.description)
  }
}
