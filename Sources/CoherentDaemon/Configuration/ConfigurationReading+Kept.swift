// The configuration of a daemon that goes on with what another one kept: what that data was made
// with cannot be chosen anew, whatever the files say. The rest applies; where it does not fit to
// what is kept, its default does, since a daemon that does not start serves nobody.

extension ConfigurationReading {
  /// What the files wanted and has to wait for a clean start.
  struct Kept {
    var reading: ConfigurationReading
    var sentences: [String] = []
  }

  /// `blocks`: how many there are.
  func keeping(_ geometry: RegionGeometry, blocks: Int, pageSizeBytes: UInt64) -> Kept {
    var values: [(ConfigurationKey, ConfigurationValue)] = [
      (.blockSize, .bytes(geometry.blockBytes)),
      (.maximumBlocks, .count(UInt64(geometry.blocks))),
      (.frameSize, .bytes(geometry.frameBytes)), (.arenaSize, .bytes(geometry.arenaBytes)),
    ]
    // A huge page is a frame at most.
    if let bytes = setting(.hugePages).value.asHugePages.sizeBytes, bytes != geometry.frameBytes {
      values.append((.hugePages, .hugePages(.no)))
    }
    var sentences: [String] = []
    var kept = settings
    // What was said wrongly is left out: what was said before it in the files applies, or the
    // default. It is a value like any other now.
    for setting in settings where !setting.isSound {
      kept[setting.key.rawValue].assign(setting.value, from: setting.origin)
    }
    for (key, value) in values where setting(key).value != value {
      // As many as the configured blocks are, where those are more.
      let isImplied = key == .maximumBlocks && setting(.blocks).value == value
      if isImplied, setting(key).value.asCount < value.asCount { continue }
      sentences.append(
        "[\(key.row.section)] \(key.row.name) stays at \(value.render()) while data is kept; "
          + "\(setting(key).origin) says \(setting(key).value.render()), which takes effect at "
          + "the next clean start")
      kept[key.rawValue].assign(value, from: .kept)
    }
    // The blocks that there are, are those of the ledger; but what is configured has to fit.
    if setting(.blocks).value != .count(UInt64(blocks)) {
      sentences.append(
        "[Region] Blocks stays at \(blocks) while data is kept; \(setting(.blocks).origin) says "
          + "\(setting(.blocks).value.render()), which takes effect at the next clean start")
    }
    if setting(.blocks).value.asCount > UInt64(geometry.blocks) {
      kept[ConfigurationKey.blocks.rawValue].assign(.count(UInt64(geometry.blocks)), from: .kept)
    }
    let reading = ConfigurationReading(settings: kept, pageSizeBytes: pageSizeBytes)
    if reading.problems.isEmpty { return Kept(reading: reading, sentences: sentences) }
    sentences += reading.problems.map {
      $0.adding("and is left out while data is kept").description
    }
    return Kept(
      reading: Self.fallback(kept, pageSizeBytes: pageSizeBytes), sentences: sentences)
  }

  /// What relates to the region at its default, the rest as it is; the leases' bounds too, where
  /// these do not fit together.
  private static func fallback(
    _ settings: [ConfigurationSetting], pageSizeBytes: UInt64
  ) -> ConfigurationReading {
    var settings = settings
    for index in settings.indices
    where ["Pressure", "Host"].contains(settings[index].key.row.section) {
      settings[index].reset()
    }
    let run = settings[ConfigurationKey.evictionRun.rawValue].value.inBytes
    let frame = settings[ConfigurationKey.frameSize.rawValue].value.inBytes
    if run % frame != 0 {
      settings[ConfigurationKey.evictionRun.rawValue].assign(.bytes(frame), from: .kept)
    }
    let reading = ConfigurationReading(settings: settings, pageSizeBytes: pageSizeBytes)
    if reading.problems.isEmpty { return reading }
    settings[ConfigurationKey.leaseDefault.rawValue].reset()
    settings[ConfigurationKey.leaseMaximum.rawValue].reset()
    return ConfigurationReading(settings: settings, pageSizeBytes: pageSizeBytes)
  }
}
