// The metrics keep to the text format of Prometheus and to its rules for names; what serves them
// answers what it should, and bears every scraper.

import CoherentControl
import CoherentSystem
import CoherentWire
import Testing

@testable import coherentctl

@Suite struct MetricsTests {
  private static var page: String {
    var pressure = PressureReport()
    pressure.some.totalMicroseconds = 1_500_000
    pressure.full.totalMicroseconds = 7
    var status = RenderingTests.status
    status.version = "0.1.0 \"x\"\\"
    return MetricsText(status, pressure).text
  }

  @Test func everySampleFollowsItsHelpAndItsType() {
    var name = ""
    var kind = ""
    var samples: Set<Substring> = []
    for line in Self.page.split(separator: "\n") {
      let words = line.split(separator: " ", maxSplits: 3)
      if line.hasPrefix("# HELP ") {
        name = String(words[2])
        #expect(words.count == 4 && name.hasPrefix("coherentd_"))
        kind = ""
      } else if line.hasPrefix("# TYPE ") {
        #expect(words[2] == name)
        kind = String(words[3])
        #expect(["counter", "gauge"].contains(kind))
        #expect(name.hasSuffix("_total") == (kind == "counter"), "\(name)")
      } else {
        let subject = line.prefix { $0 != "{" && $0 != " " }
        #expect(subject == name && kind != "")
        #expect(samples.insert(line.prefix { $0 != " " }).inserted, "\(line) twice")
        #expect(line.split(separator: " ").last.flatMap { Double($0) } != nil, "\(line)")
      }
    }
    #expect(samples.count > 30 && Self.page.hasSuffix("\n"))
  }

  @Test func unitsAreBaseUnitsAndLabelsAreFew() {
    for line in Self.page.split(separator: "\n") where !line.hasPrefix("#") {
      for banned in ["session=", "pid=", "unit="] { #expect(!line.contains(banned), "\(line)") }
      let words = line.prefix { $0 != "{" && $0 != " " }.split(separator: "_")
      for unit in ["ms", "us", "frames"] { #expect(!words.contains(unit[...]), "\(line)") }
    }
    for line in [
      "coherentd_up 1", #"coherentd_info{version="0.1.0 \"x\"\\"} 1"#,
      "coherentd_uptime_seconds 90061.000", #"coherentd_device_bytes{state="free"} 1073741824"#,
      "coherentd_evicted_bytes_total 6488064",
      #"coherentd_stall_seconds_total{kind="some"} 1.500000"#,
      #"coherentd_stall_seconds_total{kind="full"} 0.000007"#, "coherentd_faults_total 1234",
    ] {
      #expect(Self.page.contains("\n\(line)\n"), "\(line)")
    }
    #expect(MetricsText.down.hasSuffix("\ncoherentd_up 0\n"))
  }

  @Test func nothingThatADaemonCouldCountStopsIt() {
    var status = StatusReport()
    status.evictedFrames = .max
    status.frameBytes = .max
    status.uptimeMilliseconds = .max
    let text = MetricsText(status, PressureReport()).text
    #expect(text.contains("\ncoherentd_evicted_bytes_total 18446744073709551615\n"))
    #expect(text.contains("\ncoherentd_uptime_seconds 18446744073709551.615\n"))
  }

  @Test(arguments: [
    ("127.0.0.1:9797", ListenAddress.loopback(.version4(127, 0, 0, 1), port: 9797)),
    ("127.1.2.3:0", .loopback(.version4(127, 1, 2, 3), port: 0)),
    ("localhost:1", .loopback(.version4(127, 0, 0, 1), port: 1)),
    ("[::1]:65535", .loopback(.version6, port: 65535)), ("/run/m", .path("/run/m")),
    ("./m:1", .path("./m:1")),
  ])
  func readsAddressesOfThisMachine(_ text: String, _ address: ListenAddress) {
    #expect(ListenAddress(argument: text) == address)
  }

  @Test(arguments: [
    "0.0.0.0:9797", "[::]:9797", "10.0.0.1:80", "example.org:80", "127.0.0.1", "127.0.0.1:",
    "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.256:1", "127.0.1:80", "9797", ":9797", "",
    "128.0.0.1:1",
  ])
  func refusesAddressesThatOthersReach(_ text: String) {
    #expect(ListenAddress(argument: text) == nil)
  }
}
