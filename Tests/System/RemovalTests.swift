// Installing on a system that runs, using it, and removing it: the system is as it was.

import Testing

extension SystemTests {
  @Suite(.enabled(if: obstacle == nil, reason)) struct Removal {
    /// All files below the places that an installation could write to, with what is in them. What
    /// every new user, and every change of units, leaves in systemd's and the shadow suite's own
    /// files is left out.
    private static let inventory = """
      find /etc /usr /var /run/coherentd /run/systemd/system \
        ! -type d ! -path '/var/log/*' ! -path '/var/lib/systemd/*' ! -path '*/.pwd.lock' \
        ! -path '/etc/passwd-' ! -path '/etc/group-' ! -path '/etc/*shadow*' \
        ! -path '/etc/sub?id*' -printf '%p %s %m %l\\n' 2>/dev/null | sort
      find /etc /usr /var /run/coherentd -type d 2>/dev/null | sort
      """

    @Test func nothingIsLeftBehind() throws {
      try Sandbox.with(installed: false) { sandbox in
        let before = try sandbox.done(Self.inventory)
        try sandbox.installOnly()
        #expect(try sandbox.done(Self.inventory) != before)
        try sandbox.done("systemctl enable --now coherentd.socket coherentd-control.socket")
        try sandbox.done("coherentctl status")
        try sandbox.done("sh \(Sandbox.remover)")
        let left = try sandbox.done(Self.inventory)
        let surplus = Set(left.split(separator: "\n")).subtracting(before.split(separator: "\n"))
        let missing = Set(before.split(separator: "\n")).subtracting(left.split(separator: "\n"))
        #expect(surplus == [])
        #expect(missing == [])
        #expect(try sandbox.done("systemctl list-units --all --no-legend 'coherent*'") == "")
        #expect(try sandbox.run("getent passwd coherentd; getent group coherent").output == "")
        #expect(try sandbox.run("grep -lx coherentd /proc/[0-9]*/comm").output == "")
      }
    }

    @Test func aRemovalHandsTheClientsTheirData() throws {
      try Sandbox.with { sandbox in
        let client = try SandboxClient(sandbox)
        try client.fill(buffers: 0..<4, bytesEach: 4 << 20)
        let said = try sandbox.done("sh \(Sandbox.remover)")
        #expect(said.contains("kept, as no installation made it: /etc/coherentd"))
        try client.verify(buffers: 0..<4)
      }
    }

    @Test func aGroupWithMembersIsKeptUnlessItIsToGo() throws {
      try Sandbox.with(installed: false) { sandbox in
        try sandbox.installOnly()
        try sandbox.done("usermod --append --groups coherent nobody")
        let said = try sandbox.done("sh \(Sandbox.remover)")
        #expect(said.contains("kept, as it has members: group coherent (nobody)"))
        try sandbox.done("getent group coherent")
        try sandbox.done("sh \(Sandbox.remover) --purge")
        #expect(try sandbox.run("getent group coherent").output == "")
      }
    }
  }
}
