// The configuration of a test's daemon: small enough for a test, with what the test wants to be
// otherwise.

struct DaemonSettings {
  /// By "Section.Key".
  private var values: [String: String] = [
    "Region.BlockSize": "2M", "Region.Blocks": "4", "Region.FrameSize": "4K",
    "Pressure.EvictionRun": "64K", "Host.Limit": "256M", "Arena.Size": "64M",
    "Sockets.ClientMode": "0666", "Sockets.ControlMode": "0666", "Log.Level": "debug",
  ]

  init(_ overrides: [String: String], directory: String) {
    values["Sockets.Client"] = "\(directory)/client"
    values["Sockets.Control"] = "\(directory)/control"
    values.merge(overrides) { $1 }
  }

  var text: String {
    var lines: [String] = []
    for (name, value) in values.sorted(by: { $0.key < $1.key }) {
      let parts = name.split(separator: ".")
      lines.append("[\(parts[0])]\n\(parts[1])=\(value)\n")
    }
    return lines.joined()
  }
}
