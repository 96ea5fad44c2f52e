// The methods that there are, and how one is found by its name.

extension ControlMethod {
  static let all: [ControlMethod] = [
    .getInfo, .getInterfaceDescription, .getStatus, .listSessions, .listAllocations, .listPins,
    .evict, .migrate, .reload, .listBlocks, .checkBlocks, .addBlocks, .onlineBlocks, .offlineBlocks,
    .removeBlocks, .planOffline, .getMap, .getPressure, .followEvents, .explain,
  ]

  /// The interfaces and their texts, in the order in which introspection names them.
  static let interfaces: [(name: String, description: String)] = [
    (ServiceInterface.name, ServiceInterface.description),
    (ControlInterface.name, ControlInterface.description),
  ]

  /// The method of that full name; says which part of the name is the unknown one.
  static func find(_ name: String) throws(CallFailure) -> ControlMethod {
    if let method = all.first(where: { $0.name == name }) { return method }
    guard let dot = name.lastIndex(of: "."),
      interfaces.contains(where: { $0.name == name[..<dot] })
    else {
      let interface = name.lastIndex(of: ".").map { String(name[..<$0]) } ?? name
      throw .service(.interfaceNotFound(interface))
    }
    throw .service(.methodNotFound(name))
  }
}
