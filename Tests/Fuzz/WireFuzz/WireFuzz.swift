// The fuzzer of the protocol's decoders, built only with COHERENTD_FUZZ set (see Package.swift);
// run it as `WireFuzz CORPUS -max_len=4096`, with libFuzzer's own options. Of one input the first
// byte chooses the number of descriptors, the rest is a packet. Both decoders take it; what they
// accept must be exactly what the encoders write.

import CoherentWire

/// libFuzzer's loop, see FuzzerInterface.h of LLVM.
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
  _ argumentCount: UnsafeMutablePointer<CInt>,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
  _ callback: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

func runWireFuzzer() {
  var argumentCount = CommandLine.argc
  var arguments = CommandLine.unsafeArgv
  _ = runDriver(&argumentCount, &arguments, fuzzOneInput)
}

/// One input. libFuzzer's own `main`, which is linked but not used, needs it under this name.
@c(LLVMFuzzerTestOneInput)
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  guard let start, count > 0 else { return 0 }
  decode(
    UnsafeBufferPointer(start: start + 1, count: count - 1), descriptorCount: Int(start[0] % 5))
  return 0
}

private func decode(_ packet: UnsafeBufferPointer<UInt8>, descriptorCount: Int) {
  let request = try? Request.decode(packet.span, descriptorCount: descriptorCount)
  if let (id, request, isRepeat) = request {
    require(packet) { request.encode(id, isRepeat: isRepeat, into: &$0) }
  }
  if let event = (try? Event.decode(packet.span, descriptorCount: descriptorCount)) ?? nil {
    require(packet) { event.encode(into: &$0) }
  }
  if let (id, reply) = try? Reply.decode(packet.span, descriptorCount: descriptorCount) {
    require(packet) { reply.encode(id, into: &$0) }
    if case .refused(let refusal) = reply { _ = refusal.description }
  }
}

/// Traps, and so reports, unless the encoder writes the packet that was decoded.
private func require(
  _ packet: UnsafeBufferPointer<UInt8>, _ encode: (inout MutableSpan<UInt8>) -> Int
) {
  var buffer = [UInt8](repeating: 0xFF, count: PacketLimits.maximumBytes)
  var span = buffer.mutableSpan
  let length = encode(&span)
  precondition(buffer[..<length].elementsEqual(packet), "what is decoded is encoded the same")
}
