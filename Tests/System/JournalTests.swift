// What an administrator finds in the journal: by field, and explained.

import Testing

extension SystemTests {
  @Suite(.enabled(if: obstacle == nil, reason)) struct Journal {
    @Test func theStartIsFoundByItsFieldsAndExplained() throws {
      try Sandbox.with { sandbox in
        try sandbox.done("systemctl start coherentd.service")
        try sandbox.wait(until: "journalctl --quiet COHERENT_BYTES=\(8 << 20) | grep -q ready")
        let text = try sandbox.done("journalctl --no-pager -x COHERENT_BYTES=\(8 << 20)")
        #expect(text.contains("Subject: The coherent memory device is ready"))
        #expect(text.contains("has committed \(8 << 20) bytes of device memory in"))
        #expect(text.contains("man:coherentd(8)"))
        #expect(!text.contains("@COHERENT_"))
      }
    }

    @Test func aRefusalNamesTheClientAndItsUnit() throws {
      try Sandbox.with { sandbox in
        try sandbox.configure("[Region]\nOversubscribe=no", as: "70-admission")
        let client = try SandboxClient(sandbox)
        let process = try #require(try client.done("process").first)
        // More than the device will ever have.
        let answer = try client.ask("allocate \(600 << 20) 128 1000")
        #expect(answer.hasPrefix("refused outOfDeviceMemory "))
        let find = "COHERENT_CLIENT_PID=\(process) COHERENT_BYTES=\(600 << 20)"
        try sandbox.wait(until: "test -n \"$(journalctl --quiet \(find))\"")
        let text = try sandbox.done("journalctl --no-pager -x \(find)")
        #expect(text.contains("Subject: Memory was refused to process \(process)"))
        let unit = try sandbox.done("journalctl --output=cat --output-fields=COHERENT_UNIT \(find)")
        #expect(unit.hasSuffix(".scope"))
        #expect(!text.contains("@COHERENT_"))
      }
    }

    @Test func everyEntryOfTheCatalogIsTakenIn() throws {
      let ids = try Built.text("systemd/coherentd.catalog").split(separator: "\n")
        .filter { $0.hasPrefix("-- ") }.map { $0.dropFirst(3) }
      #expect(ids.count >= 7)
      try Sandbox.with { sandbox in
        let listed = try sandbox.done("journalctl --list-catalog")
        for id in ids { #expect(listed.contains(id), "\(id)") }
      }
    }
  }
}
