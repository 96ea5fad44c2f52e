// What must hold between several settings: multiples of the frame, watermarks in order, a default
// below its maximum. It is pure and looks at settings only; those whose own value was refused are
// left out. Every problem names a line that the administrator wrote, since defaults fit together.

import CoherentWire

struct ConfigurationRelations {
  let settings: [ConfigurationSetting]
  let pageSizeBytes: UInt64

  func problems() -> [ConfigurationProblem] {
    var found: [ConfigurationProblem?] = [
      pageMultiple(),
      frameMultiple(.blockSize), frameMultiple(.arenaSize), frameMultiple(.evictionRun),
      order(.leaseDefault, .leaseMaximum, by: \.inMilliseconds),
      countableFrames(),
      differentSockets(), hugeFrames(),
    ]
    if isSound(.blockSize, .blocks) {
      found += [
        order(.pressureMin, .pressureLow) { $0.asShare.bytes(ofTotalBytes: regionBytes) },
        order(.pressureLow, .pressureHigh) { $0.asShare.bytes(ofTotalBytes: regionBytes) },
        belowRegion(.pressureHigh),
      ]
    }
    return found.compactMap(\.self)
  }

  /// At most 64 GiB times 4096, so it fits.
  private var regionBytes: UInt64 {
    setting(.blockSize).value.inBytes * setting(.blocks).value.asCount
  }

  private func setting(_ key: ConfigurationKey) -> ConfigurationSetting { settings[key.rawValue] }

  private func isSound(_ keys: ConfigurationKey...) -> Bool {
    keys.allSatisfy { setting($0).isSound }
  }

  private func pageMultiple() -> ConfigurationProblem? {
    guard isSound(.frameSize),
      !setting(.frameSize).value.inBytes.isMultiple(of: pageSizeBytes)
    else { return nil }
    return problem(
      [.frameSize],
      "expected a multiple of this machine's page size, \(SizeText.render(pageSizeBytes))")
  }

  private func frameMultiple(_ key: ConfigurationKey) -> ConfigurationProblem? {
    guard isSound(key, .frameSize),
      !setting(key).value.inBytes.isMultiple(of: setting(.frameSize).value.inBytes)
    else { return nil }
    return problem(
      [key, .frameSize], "expected \(key.row.name) to be a multiple of FrameSize")
  }

  private func order<Number: Comparable>(
    _ lower: ConfigurationKey, _ upper: ConfigurationKey,
    by number: (ConfigurationValue) -> Number
  ) -> ConfigurationProblem? {
    guard isSound(lower, upper), number(setting(lower).value) > number(setting(upper).value)
    else { return nil }
    return problem(
      [upper, lower], "expected \(lower.row.name) to be no more than \(upper.row.name)")
  }

  /// Frames are counted in 32 bits.
  private func countableFrames() -> ConfigurationProblem? {
    guard isSound(.blockSize, .blocks, .maximumBlocks, .frameSize) else { return nil }
    let blocks = max(setting(.maximumBlocks).value.asCount, setting(.blocks).value.asCount)
    let frames = setting(.blockSize).value.inBytes / setting(.frameSize).value.inBytes * blocks
    guard frames >= UInt64(UInt32.max) else { return nil }
    return problem(
      [.maximumBlocks, .blocks, .blockSize, .frameSize],
      "expected fewer than 4294967295 frames in all blocks that there may be, these are \(frames)")
  }

  /// A frame may not be a part of a page, and a huge page that is shared by frames could not be
  /// given back with one of them.
  private func hugeFrames() -> ConfigurationProblem? {
    guard isSound(.hugePages, .frameSize),
      let bytes = setting(.hugePages).value.asHugePages.sizeBytes,
      setting(.frameSize).value.inBytes != bytes
    else { return nil }
    return problem(
      [.hugePages, .frameSize], "expected FrameSize to be \(SizeText.render(bytes)) with huge pages"
    )
  }

  private func belowRegion(_ key: ConfigurationKey) -> ConfigurationProblem? {
    let value = setting(key).value
    guard isSound(key), value.asShare.bytes(ofTotalBytes: regionBytes) >= regionBytes else {
      return nil
    }
    return problem(
      [key, .blocks, .blockSize],
      "expected \(key.row.name) to be less than the region of \(SizeText.render(regionBytes))")
  }

  private func differentSockets() -> ConfigurationProblem? {
    let (client, control) = (setting(.clientSocket), setting(.controlSocket))
    guard isSound(.clientSocket, .controlSocket), client.value == control.value else { return nil }
    return problem([.controlSocket, .clientSocket], "expected two different sockets")
  }

  /// Blames the first of the keys that a file sets, and quotes the others with their origins.
  private func problem(_ keys: [ConfigurationKey], _ sentence: String) -> ConfigurationProblem {
    let involved = keys.map { setting($0) }
    for blamed in involved {
      guard case .file(let path, let line) = blamed.origin else { continue }
      let others = involved.filter { $0.key != blamed.key }
        .map { "\(ConfigurationProblem.printable($0.quotation)) from \($0.origin)" }
      let context = others.isEmpty ? "" : "; \(others.joined(separator: ", "))"
      return ConfigurationProblem(
        path: path, line: line, found: blamed.quotation, sentence: sentence + context)
    }
    let found = involved.map(\.quotation).joined(separator: ", ")
    return ConfigurationProblem(path: "default", line: nil, found: found, sentence: sentence)
  }
}
