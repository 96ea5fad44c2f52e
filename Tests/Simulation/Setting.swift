// One kind of world to simulate: the core's configuration and how much happens in it.

import CoherentCore
import Testing

struct Setting: Sendable, CustomTestStringConvertible {
  var name: String
  var core: CoreConfiguration
  var clients = 4
  var threadsPerClient = 2
  var largestAllocationFrames = 6
  /// Every other client writes what it likes into its control words.
  var hasHostileClients = false
  /// A copy or a fill fails once in this many times, carving too; 0: never.
  var failsOnceIn = 0
  /// The daemon is killed and another one takes over once in this many steps; 0: never.
  var crashesOnceIn = 0
  /// How many kinds of memory a block can be of.
  var kinds = 1
  /// The invariants are recounted after every so many steps; the cheap laws after every one.
  var recountsEvery = 4

  var testDescription: String { name }

  private static func world(
    _ name: String, online: Int, arena: Int, minimum: Int = 0, low: Int = 0, high: Int = 0,
    run: Int = 4, host: Int = 1000
  ) -> Setting {
    var core = CoreConfiguration()
    core.frameBytes = 4 << 20  // release jobs of four frames, so that releases come in parts
    core.onlineFrames = online
    core.arenaFrames = arena
    core.minimumFrames = minimum
    core.lowFrames = low
    core.highFrames = high
    core.runFrames = run
    core.hostLimitFrames = host
    core.defaultLeaseMilliseconds = 3
    core.maximumLeaseMilliseconds = 20
    core.maximumTimeoutMilliseconds = 50
    core.maximumSessions = 6
    core.maximumAllocations = 60
    core.maximumAllocationsPerSession = 20
    core.maximumPinsPerSession = 6
    core.maximumRequestsInFlight = 6
    core.maximumWaiters = 12
    core.framesPerEvent = 3
    core.userSharePercent = 75
    return Setting(name: name, core: core)
  }

  /// The same worlds with blocks that come and go.
  private static func plugged(
    _ normal: Setting, _ failing: Setting, _ admitting: Setting
  ) -> [Setting] {
    func plug(_ setting: Setting, _ name: String, blockFrames: Int, kinds: Int = 1) -> Setting {
      var setting = setting
      setting.name = name
      setting.core.blockFrames = blockFrames
      setting.core.maximumBlocks = setting.core.onlineFrames / blockFrames + 2
      setting.kinds = kinds
      return setting
    }
    var dying = plug(failing, "hot-plug, two kinds, dying", blockFrames: 4, kinds: 2)
    dying.crashesOnceIn = 50
    var dyingAdmitting = plug(admitting, "hot-plug, promised, dying", blockFrames: 6)
    dyingAdmitting.crashesOnceIn = 60
    var larger = plug(normal, "hot-plug, larger than the device", blockFrames: 8)
    larger.largestAllocationFrames = 30
    var hostile = plug(normal, "hot-plug, hostile words", blockFrames: 8)
    hostile.hasHostileClients = true
    return [
      plug(normal, "hot-plug", blockFrames: 8, kinds: 3),
      plug(failing, "hot-plug, failing", blockFrames: 2), dying, hostile,
      plug(admitting, "hot-plug, promised", blockFrames: 6, kinds: 2), dyingAdmitting, larger,
    ]
  }

  static var all: [Setting] {
    var tiny = world("tiny", online: 4, arena: 8, run: 2)
    tiny.clients = 2
    tiny.largestAllocationFrames = 4
    tiny.recountsEvery = 1
    let normal = world("watermarks", online: 24, arena: 48, minimum: 2, low: 5, high: 9)
    var failing = world("failing copies", online: 16, arena: 32, minimum: 1, low: 3, high: 6)
    failing.failsOnceIn = 6
    let full = world("full host", online: 16, arena: 64, low: 2, high: 4, host: 28)
    var failingTiny = tiny
    failingTiny.name = "tiny and failing"
    failingTiny.failsOnceIn = 4
    var admitting = world("no oversubscription", online: 24, arena: 48)
    admitting.core.oversubscribe = false
    admitting.failsOnceIn = 10
    var larger = world("larger than the device", online: 6, arena: 48, minimum: 1, low: 2, high: 3)
    larger.largestAllocationFrames = 14
    var largerDying = larger
    largerDying.name = "larger than the device, failing and dying"
    largerDying.failsOnceIn = 8
    largerDying.crashesOnceIn = 40
    var tight = world("all reserved", online: 10, arena: 24, minimum: 4, low: 5, high: 10, run: 8)
    tight.largestAllocationFrames = 8
    var dying = failing
    dying.name = "dying daemons"
    dying.crashesOnceIn = 40
    var dyingTiny = failingTiny
    dyingTiny.name = "tiny and dying"
    dyingTiny.crashesOnceIn = 25
    var dyingAdmitting = admitting
    dyingAdmitting.name = "no oversubscription, dying"
    dyingAdmitting.crashesOnceIn = 40
    var hostile = normal
    hostile.name = "hostile words"
    hostile.hasHostileClients = true
    var hostileTiny = failingTiny
    hostileTiny.name = "tiny, hostile and failing"
    hostileTiny.hasHostileClients = true
    return plugged(normal, failing, admitting) + [
      tiny, normal, failing, full, failingTiny, admitting, tight, dying, dyingTiny, dyingAdmitting,
      hostile, hostileTiny, larger, largerDying,
    ]
  }
}
