// The sentences for a user's share of what all users share: whose it is, how much of it one user
// may have, how much is kept for others, and what would help.

extension Refusal.Detail {
  /// Whether it is about one user's share, and the refusal names the user.
  package var isShare: Bool {
    switch self {
    case .shareOfSessions, .shareOfAllocations, .shareOfHostMemory, .shareOfWaiters,
      .shareOfConnections:
      true
    default: false
    }
  }
}

extension Refusal {
  var shareSentence: String {
    switch detail {
    case .shareOfHostMemory:
      "User \(user) has too much host memory promised for what leaves the device: "
        + "\(HumanSize(asked)) asked, \(HumanSize(available)) left of this user's share of "
        + "\(HumanSize(limit)); \(HumanSize(protected)) more are kept for other users. "
        + "Freeing allocations, a higher host limit or a higher UserShare would help."
    case .shareOfSessions: tooManyOfOneUser("sessions", "Ending some")
    case .shareOfAllocations: tooManyOfOneUser("allocations", "Freeing some")
    case .shareOfWaiters: tooManyOfOneUser("waiting requests", "Waiting for fewer")
    default: tooManyOfOneUser("connections that do not attach", "Attaching sooner")
    }
  }

  private func tooManyOfOneUser(_ what: String, _ help: String) -> String {
    "User \(user) has too many \(what): this one would be number \(asked), one user may have "
      + "\(limit), and \(protected) more are kept for other users. "
      + "\(help), a higher limit or a higher UserShare would help."
  }
}
