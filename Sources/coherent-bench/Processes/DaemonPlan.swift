// What a daemon of our own is to be like, and the configuration that makes it so.

struct DaemonPlan: Equatable, Sendable {
  let deviceBytes: UInt64
  var frameBytes: UInt64 = 64 << 10
  /// How much may be evicted, in all.
  var hostBytes: UInt64
  /// The address range of each client.
  var arenaBytes: UInt64 = 64 << 30
  private var hasHugePages = false
  private var clientMode = "0660"
  private var passesDevice = false

  private static let smallestBlockBytes: UInt64 = 2 << 20
  private static let largestBlockBytes: UInt64 = 128 << 20

  init(deviceBytes: UInt64, hostBytes: UInt64? = nil) {
    self.deviceBytes = deviceBytes
    self.hostBytes = hostBytes ?? deviceBytes * 2
  }

  /// Pages of 2 MiB, and frames as large, which they need.
  mutating func useHugePages() {
    hasHugePages = true
    frameBytes = 2 << 20
  }

  /// Clients of every user, and in full mode if the device is passed to them.
  mutating func serveEverybody(passingDevice: Bool) {
    clientMode = "0666"
    passesDevice = passingDevice
  }

  /// Whether every user may connect.
  var servesEverybody: Bool { clientMode == "0666" }

  /// Whether memory blocks can add up to such a device.
  static func accepts(deviceBytes: UInt64) -> Bool {
    deviceBytes >= 2 * smallestBlockBytes && deviceBytes % smallestBlockBytes == 0
      && deviceBytes / blockBytes(of: deviceBytes) <= 4096
  }

  /// The largest power of two, within bounds, that the device is a multiple of.
  private static func blockBytes(of deviceBytes: UInt64) -> UInt64 {
    min(largestBlockBytes, 1 << UInt64(deviceBytes.trailingZeroBitCount))
  }

  func configuration(socketPath: String, controlPath: String) -> String {
    let block = Self.blockBytes(of: deviceBytes)
    return """
      [Region]
      BlockSize=\(block)
      Blocks=\(deviceBytes / block)
      FrameSize=\(frameBytes)
      HugePages=\(hasHugePages ? "2M" : "no")
      [Host]
      Limit=\(hostBytes)
      [Limits]
      UserShare=100
      [Arena]
      Size=\(arenaBytes)
      [Sockets]
      Client=\(socketPath)
      Control=\(controlPath)
      ClientMode=\(clientMode)
      [Userfault]
      PassDevice=\(passesDevice ? "yes" : "no")
      [Log]
      Level=error

      """
  }
}
