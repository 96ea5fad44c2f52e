// swift-tools-version: 6.2
// The product: one daemon, one client library, two command-line programs. Layers point one way:
// Wire <- Core <- Daemon, and System below whatever needs the kernel.
import PackageDescription

/// What every module is built with. Warnings are errors everywhere that is ours.
let strict: [SwiftSetting] = [.treatAllWarnings(as: .error)]
/// The pure modules additionally prove that they contain no unsafe code.
let pure: [SwiftSetting] = strict + [.strictMemorySafety()]

let package = Package(
  name: "coherentd",
  products: [
    .library(name: "Coherent", targets: ["Coherent"]),
    .executable(name: "coherentd", targets: ["coherentd"]),
    .executable(name: "coherentctl", targets: ["coherentctl"]),
    .executable(name: "coherent-bench", targets: ["coherent-bench"]),
    // For the tests: preloaded by a daemon whose memory is to look broken.
    .library(name: "FailingReads", type: .dynamic, targets: ["FailingReads"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
  ],
  targets: [
    .target(name: "CLinux"),
    .systemLibrary(
      name: "CSystemd", pkgConfig: "libsystemd", providers: [.apt(["libsystemd-dev"])]),
    .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .target(name: "CoherentWire", exclude: ["PROTOCOL.md"], swiftSettings: pure),
    .target(name: "CoherentCore", dependencies: ["CoherentWire"], swiftSettings: pure),
    .target(name: "CoherentSystem", dependencies: ["CLinux"], swiftSettings: strict),
    .target(name: "CoherentShared", dependencies: ["CoherentSystem"], swiftSettings: strict),
    .target(
      name: "CoherentControl", dependencies: ["CoherentSystem", "CoherentWire"],
      swiftSettings: strict),
    .target(
      name: "CoherentDaemon",
      dependencies: [
        "CSystemd", "CoherentControl", "CoherentCore", "CoherentShared", "CoherentSystem",
        "CoherentWire",
      ], swiftSettings: strict),
    .target(
      name: "Coherent", dependencies: ["CoherentShared", "CoherentSystem", "CoherentWire"],
      swiftSettings: strict),
    .executableTarget(name: "coherentd", dependencies: ["CoherentDaemon"], swiftSettings: strict),
    .executableTarget(
      name: "coherentctl",
      dependencies: [
        "CSystemd", "CoherentControl", "CoherentSystem", "CoherentWire",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], swiftSettings: strict),
    .executableTarget(
      name: "coherent-bench",
      dependencies: [
        "CCrypto", "Coherent", "CoherentControl", "CoherentCore", "CoherentShared",
        "CoherentSystem", "CoherentWire",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], swiftSettings: strict),
    .testTarget(
      name: "CoherentWireTests", dependencies: ["CoherentSystem", "CoherentWire"],
      swiftSettings: strict),
    .testTarget(
      name: "CoherentSystemTests", dependencies: ["CLinux", "CoherentSystem", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "CoherentSharedTests", dependencies: ["CoherentShared", "CoherentSystem"],
      swiftSettings: strict),
    .testTarget(
      name: "CoherentTests",
      dependencies: [
        "Coherent", "CoherentShared", "CoherentSystem", "CoherentWire", "TestSupport",
      ], swiftSettings: strict),
    .executableTarget(
      name: "ReadmeExample", dependencies: ["Coherent"], path: "Tests/ReadmeExample",
      swiftSettings: strict),
    .target(
      name: "TestSupport",
      dependencies: ["CoherentCore", "CoherentShared", "CoherentSystem", "CoherentWire"],
      path: "Tests/Support", swiftSettings: strict),
    .testTarget(name: "Tidy", dependencies: ["CoherentSystem"], swiftSettings: strict),
    .testTarget(
      name: "CoherentCoreTests",
      dependencies: ["CoherentCore", "CoherentShared", "CoherentWire", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "Simulation",
      dependencies: ["CoherentCore", "CoherentShared", "CoherentWire", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "CoherentControlTests",
      dependencies: ["CoherentControl", "CoherentSystem", "CoherentWire", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "CoherentBenchTests",
      dependencies: ["coherent-bench", "CoherentControl", "CoherentSystem"],
      swiftSettings: strict),
    .testTarget(
      name: "coherentctlTests",
      dependencies: [
        "coherentctl", "CoherentControl", "CoherentSystem", "CoherentWire", "TestSupport",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "CoherentDaemonTests",
      dependencies: ["CoherentDaemon", "CoherentSystem", "TestSupport"], swiftSettings: strict),
    .target(name: "FailingReads", path: "Tests/FailingReads"),
    // A client that means harm, for the tests and for `coherent-bench hostile`; no product.
    .executableTarget(
      name: "hostile-client", path: "Tests/Hostile",
      cSettings: [.define("_GNU_SOURCE")],
      linkerSettings: [.linkedLibrary("pthread")]),
    // The processes that the integration tests run against a real daemon; no product.
    .executableTarget(
      name: "integration-client", dependencies: ["Coherent", "CoherentSystem", "CoherentWire"],
      path: "Tests/Integration/Client", swiftSettings: strict),
    .testTarget(
      name: "Integration",
      dependencies: [
        "coherentctl", "coherentd", "integration-client", "hostile-client", "FailingReads",
        "CoherentControl", "CoherentShared", "CoherentSystem", "CoherentWire", "TestSupport",
      ], path: "Tests/Integration", exclude: ["Client"], swiftSettings: strict),
    .testTarget(
      name: "SystemTests",
      dependencies: [
        "coherentctl", "coherentd", "integration-client", "CoherentDaemon", "CoherentSystem",
        "TestSupport",
      ], path: "Tests/System", exclude: ["systemd-sandbox"], swiftSettings: strict),
    .testTarget(
      name: "MachineTests",
      dependencies: ["coherentctl", "coherentd", "integration-client", "CoherentSystem"],
      path: "Tests/Machine", exclude: ["init", "make-image.sh", "prepare.sh"],
      swiftSettings: strict),
  ]
)

// The fuzzers need libFuzzer in every module that they cover, and flags that no product may have:
// `COHERENTD_FUZZ=1 swift build --product WireFuzz`. One line for each fuzzer.
if Context.environment["COHERENTD_FUZZ"] != nil {
  let fuzzed = [
    (fuzzer: "WireFuzz", covers: "CoherentWire"),
    (fuzzer: "ConfigurationFuzz", covers: "CoherentDaemon"),
  ]
  for (fuzzer, covers) in fuzzed {
    package.targets.first { $0.name == covers }?.swiftSettings?
      .append(.unsafeFlags(["-sanitize=fuzzer"]))
    package.targets.append(
      .executableTarget(
        name: fuzzer, dependencies: [.byName(name: covers)], path: "Tests/Fuzz/\(fuzzer)",
        swiftSettings: strict + [.unsafeFlags(["-sanitize=fuzzer"])],
        linkerSettings: [.unsafeFlags(["-sanitize=fuzzer", "-use-ld=lld"])]))
  }
}
