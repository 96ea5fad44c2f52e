// What memory a run of an arena is filled with: the shell takes it from there before it fills. All
// frames of a run have the same.

package enum FillTarget: Equatable, Sendable {
  /// It counts as a frame of the device, of a block of this kind.
  case device(MemoryKind)
  /// Ordinary memory of the host.
  case host

  var kind: MemoryKind? {
    if case .device(let kind) = self { return kind }
    return nil
  }
}
