// Who may administer: root, the user that the daemon runs as, and the members of one group. The
// kernel says who the peer is; nothing that it sends can change that.

/// The rule, made once at the start.
package struct AdministratorRule: Sendable {
  package var daemonUser: UInt32
  package var group: UInt32?
  /// The group's name, for the error.
  package var groupName: String?

  package init(daemonUser: UInt32, group: UInt32?, groupName: String?) {
    self.daemonUser = daemonUser
    self.group = group
    self.groupName = groupName
  }

  /// What a peer with this user and these groups (the effective one and all others) may do.
  package func permission(user: UInt32, groups: [UInt32]) -> Permission {
    if user == 0 || user == daemonUser { return .administrator }
    if let group, groups.contains(group) { return .administrator }
    return .stranger(user: user, group: groupName)
  }
}

/// What one peer may do.
package enum Permission: Equatable, Sendable {
  case administrator
  /// May only ask who we are.
  case stranger(user: UInt32, group: String?)

  /// The error for everything that a stranger may not do.
  package var denial: ControlError? {
    switch self {
    case .administrator: nil
    case .stranger(let user, let group):
      .notPermitted(ControlError.PermissionDetail(user: user, group: group))
    }
  }
}
