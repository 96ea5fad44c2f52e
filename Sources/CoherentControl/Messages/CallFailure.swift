// Why a call got an error instead of a reply: an error of our interface, or one that every Varlink
// service has. It knows its name and its parameters, in both directions.

package enum CallFailure: Error, Equatable, Sendable {
  case control(ControlError)
  case service(ServiceError)
  /// A client met an error that it does not know, from a newer daemon.
  case unknown(name: String)
}

extension CallFailure {
  /// The text of the error reply, without its NUL.
  package var replyText: [UInt8] {
    switch self {
    case .control(let error): Self.text(error)
    case .service(let error): Self.text(error)
    case .unknown(let name): Self.text(name, NoParameters())
    }
  }

  /// The failure that an error reply stands for.
  package init(name: String, replyText: [UInt8]) {
    if let error = ControlError(name: name, replyText: replyText) {
      self = .control(error)
    } else if let error = ServiceError(name: name, replyText: replyText) {
      self = .service(error)
    } else {
      self = .unknown(name: name)
    }
  }

  private static func text(_ error: ControlError) -> [UInt8] {
    switch error {
    case .notPermitted(let detail): text(error.name, detail)
    case .noSuchSession(let detail), .noSuchAllocation(let detail): text(error.name, detail)
    case .invalidRange(let detail), .refused(let detail): text(error.name, detail)
    case .outOfDeviceMemory(let detail), .outOfHostMemory(let detail): text(error.name, detail)
    case .timedOut(let detail): text(error.name, detail)
    case .noSuchBlock(let detail): text(error.name, detail)
    case .wrongBlockState(let detail): text(error.name, detail)
    }
  }

  private static func text(_ error: ServiceError) -> [UInt8] {
    switch error {
    case .interfaceNotFound(let name): text(error.name, ["interface": name])
    case .methodNotFound(let name), .methodNotImplemented(let name):
      text(error.name, ["method": name])
    case .invalidParameter(let name): text(error.name, ["parameter": name])
    case .permissionDenied, .expectedMore: text(error.name, NoParameters())
    }
  }

  private static func text(_ name: String, _ parameters: some Encodable) -> [UInt8] {
    JSONCoding.encode(ErrorReply(error: name, parameters: parameters))
  }

  private struct ErrorReply<Parameters: Encodable>: Encodable {
    var error: String
    var parameters: Parameters
  }
}

extension ControlError {
  /// The error's full name in the interface.
  package var name: String {
    let short =
      switch self {
      case .notPermitted: "NotPermitted"
      case .noSuchSession: "NoSuchSession"
      case .noSuchAllocation: "NoSuchAllocation"
      case .invalidRange: "InvalidRange"
      case .outOfDeviceMemory: "OutOfDeviceMemory"
      case .outOfHostMemory: "OutOfHostMemory"
      case .timedOut: "TimedOut"
      case .refused: "Refused"
      case .noSuchBlock: "NoSuchBlock"
      case .wrongBlockState: "WrongBlockState"
      }
    return "\(ControlInterface.name).\(short)"
  }

  fileprivate init?(name: String, replyText: [UInt8]) {
    func detail<Detail: Decodable>(_: Detail.Type) -> Detail? {
      try? JSONCoding.decode(ErrorParameters<Detail>.self, from: replyText).parameters
    }
    guard name.hasPrefix(ControlInterface.name + ".") else { return nil }
    let error: ControlError? =
      switch name.dropFirst(ControlInterface.name.count + 1) {
      case "NotPermitted": detail(PermissionDetail.self).map { .notPermitted($0) }
      case "NoSuchSession": detail(SubjectDetail.self).map { .noSuchSession($0) }
      case "NoSuchAllocation": detail(SubjectDetail.self).map { .noSuchAllocation($0) }
      case "InvalidRange": detail(MessageDetail.self).map { .invalidRange($0) }
      case "OutOfDeviceMemory": detail(MemoryDetail.self).map { .outOfDeviceMemory($0) }
      case "OutOfHostMemory": detail(MemoryDetail.self).map { .outOfHostMemory($0) }
      case "TimedOut": detail(HolderDetail.self).map { .timedOut($0) }
      case "Refused": detail(MessageDetail.self).map { .refused($0) }
      case "NoSuchBlock": detail(BlockDetail.self).map { .noSuchBlock($0) }
      case "WrongBlockState": detail(BlockStateDetail.self).map { .wrongBlockState($0) }
      default: nil
      }
    guard let error else { return nil }
    self = error
  }
}

extension ServiceError {
  /// The error's full name in its interface.
  package var name: String {
    let short =
      switch self {
      case .interfaceNotFound: "InterfaceNotFound"
      case .methodNotFound: "MethodNotFound"
      case .methodNotImplemented: "MethodNotImplemented"
      case .invalidParameter: "InvalidParameter"
      case .permissionDenied: "PermissionDenied"
      case .expectedMore: "ExpectedMore"
      }
    return "\(ServiceInterface.name).\(short)"
  }

  fileprivate init?(name: String, replyText: [UInt8]) {
    guard name.hasPrefix(ServiceInterface.name + ".") else { return nil }
    let parameters = try? JSONCoding.decode(
      ErrorParameters<[String: String]>.self, from: replyText
    ).parameters
    func subject(_ key: String) -> String { parameters?[key] ?? "" }
    switch name.dropFirst(ServiceInterface.name.count + 1) {
    case "InterfaceNotFound": self = .interfaceNotFound(subject("interface"))
    case "MethodNotFound": self = .methodNotFound(subject("method"))
    case "MethodNotImplemented": self = .methodNotImplemented(subject("method"))
    case "InvalidParameter": self = .invalidParameter(subject("parameter"))
    case "PermissionDenied": self = .permissionDenied
    case "ExpectedMore": self = .expectedMore
    default: return nil
    }
  }
}

private struct ErrorParameters<Detail: Decodable>: Decodable {
  var parameters: Detail
}
