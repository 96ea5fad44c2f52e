// Who is an administrator. A stranger may ask what the service is, and never starts an order.

import Testing

@testable import CoherentControl

@Suite struct PermissionTests {
  @Test func theMatrixOfUsersAndGroups() {
    for group in [nil, 50 as UInt32?] {
      let rule = AdministratorRule(daemonUser: 200, group: group, groupName: group.map { _ in "g" })
      for user: UInt32 in [0, 200, 1000, .max] {
        for groups: [UInt32] in [[], [50], [0], [100, 50], [100, 200]] {
          let isAdministrator =
            user == 0 || user == 200 || (group != nil && groups.contains(50))
          let permission = rule.permission(user: user, groups: groups)
          #expect(
            permission
              == (isAdministrator ? .administrator : .stranger(user: user, group: rule.groupName)))
        }
      }
    }
  }

  @Test func strangersMayAskWhoWeAreAndNothingElse() {
    for method in ControlMethod.all {
      let source = SampleSource(holdsOrders: true)
      var talk = Conversation(source, permission: .stranger(user: 1000, group: "coherent"))
      talk.call(#"{"method":"\#(method.name)","more":true}"#)
      #expect(talk.deferred.isEmpty)
      let text = talk.takeReplies().joined()
      let denial =
        #"{"error":"io.coherentd.Control.NotPermitted","parameters":"#
        + #"{"group":"coherent","uid":1000}}"#
      #expect((text == denial) == !method.name.hasPrefix("org.varlink.service."))
    }
  }
}
