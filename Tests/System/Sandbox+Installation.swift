// coherentd inside a sandbox: installed as a person installs it, and with a device that is small
// enough for a test.

import CoherentSystem

extension Sandbox {
  static let installer = "\(Built.repository)/systemd/install.sh"
  static let remover = "\(Built.repository)/systemd/uninstall.sh"

  /// Eight MiB of device memory in blocks of two.
  private static let smallDevice = """
    [Region]
    BlockSize=2M
    Blocks=4
    FrameSize=4K
    [Pressure]
    EvictionRun=64K
    [Host]
    Limit=256M
    [Arena]
    Size=1G
    """

  /// The arguments that install.sh needs for what was built.
  static func installArguments() throws -> [String] {
    let runtime = try Built.needsRuntime() ? ["--shared-runtime"] : []
    return [installer, "--products", try Built.products()] + runtime
  }

  /// Installs it, configures a small device, and has the sockets listen.
  func install() throws {
    try installOnly()
    try configure(Self.smallDevice)
    try done("systemctl enable --now coherentd.socket coherentd-control.socket")
  }

  @discardableResult
  func installOnly() throws -> String {
    try done("sh " + Self.installArguments().joined(separator: " "))
  }

  /// Adds a drop-in to the configuration.
  func configure(_ text: String, as name: String = "60-test") throws {
    let directory = "/etc/coherentd/coherentd.conf.d"
    try done("mkdir -p \(directory) && cat >\(directory)/\(name).conf <<'END'\n\(text)\nEND")
  }
}
