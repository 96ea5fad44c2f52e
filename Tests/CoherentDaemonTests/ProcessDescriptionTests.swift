// Who a process is: its command, and the unit that systemd would name, whatever the process made
// of its control groups itself.

import CoherentSystem
import Testing

@testable import CoherentDaemon

@Suite struct ProcessDescriptionTests {
  private static let groups: [(text: String, unit: String?)] = [
    ("0::/system.slice/render.service", "render.service"),
    ("0::/system.slice/system-job.slice/job@3.service", "job@3.service"),
    ("0::/system.slice/render.service/payload/other.service", "render.service"),
    ("0::/user.slice/user-1000.slice/session-2.scope", "session-2.scope"),
    (
      "0::/user.slice/user-1000.slice/user@1000.service/app.slice/app-x.slice/x.service",
      "x.service"
    ),
    ("0::/user.slice/user-1000.slice/user@1000.service/init.scope", "init.scope"),
    ("0::/user.slice/user-1000.slice/user@1000.service", "user@1000.service"),
    ("0::/init.scope", "init.scope"),
    ("0::/system.slice/_cpu.service", "cpu.service"),
    ("12:cpu:/a.service\n1:name=systemd:/system.slice/b.service\n0::/", "b.service"),
    ("12:cpu:/a.service\n0::/docker/0123456789", nil),
    ("0::/made/up.service", nil), ("0::/", nil), ("", nil), ("0::", nil), ("nonsense\n\n", nil),
  ]

  @Test(arguments: groups) func theUnitIsTheFirstGroupBelowTheSlices(
    text: String, unit: String?
  ) {
    #expect(ProcessDescription.unit(controlGroups: text + "\n") == unit)
  }

  @Test func aProcessThatLivesIsDescribed() throws {
    let own = try ProcessDescriptor(process: Process.id)
    #expect(ProcessDescription(of: Process.id, own).command != "")
  }

  @Test func ofAProcessThatIsGoneNothingIsSaidThoughItsNumberLives() throws {
    let child = try Process.spawn(Launch(path: "/bin/true", arguments: []))
    let descriptor = try ProcessDescriptor(process: child.process)
    let isGone = descriptor.waitGone(timeoutMilliseconds: 60_000)
    #expect(isGone)
    #expect(ProcessDescription(of: Process.id, descriptor) == ProcessDescription())
    _ = try child.wait()
  }
}
