// The interface `org.varlink.service`, which every Varlink service has: who it is, which interfaces
// it speaks, and the errors that belong to no method. Anybody who can connect may ask it.

package enum ServiceInterface {
  package static let name = "org.varlink.service"

  package static let description = """
    # What every Varlink service answers about itself
    interface org.varlink.service

    # Who made it, which version it is, and which interfaces it speaks
    method GetInfo() -> (
      vendor: string,
      product: string,
      version: string,
      url: string,
      interfaces: []string
    )

    # One of those interfaces, in the language of this text
    method GetInterfaceDescription(interface: string) -> (description: string)

    # It does not speak this interface
    error InterfaceNotFound (interface: string)

    # The interface has no such method
    error MethodNotFound (method: string)

    # The method exists, but not here or not in this form
    error MethodNotImplemented (method: string)

    # This parameter is missing, unknown or has a wrong value
    error InvalidParameter (parameter: string)

    # The caller may not do this
    error PermissionDenied ()

    # The method answers with several replies: call it with more
    error ExpectedMore ()

    """
}

/// What `GetInfo` answers.
package struct ServiceInfo: Codable, Equatable, Sendable {
  package var vendor: String
  package var product: String
  package var version: String
  package var url: String
  package var interfaces: [String]

  /// Speaks of the interfaces that are served here.
  package init(vendor: String, product: String, version: String, url: String) {
    self.vendor = vendor
    self.product = product
    self.version = version
    self.url = url
    interfaces = ControlMethod.interfaces.map(\.name)
  }

  enum CodingKeys: String, CodingKey, CaseIterable {
    case vendor, product, version, url, interfaces
  }
}

/// What `GetInterfaceDescription` is asked, and what it answers.
struct InterfaceQuery: Codable, Sendable {
  var interface: String

  enum CodingKeys: String, CodingKey, CaseIterable { case interface }

  init(interface: String) { self.interface = interface }

  init(from decoder: any Decoder) throws {
    interface = try decoder.parameters(CodingKeys.self).required(.interface)
  }
}

struct InterfaceDescription: Codable, Sendable {
  var description: String
}
