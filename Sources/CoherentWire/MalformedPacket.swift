// A packet that could not be decoded: the refusal to answer it with, and the request's number if
// the header could be read. A refusal with the reason `protocolViolation` ends the connection; the
// others answer a well-formed request that nobody could grant, such as one for no bytes at all.

package struct MalformedPacket: Error, Equatable, Sendable {
  package let refusal: Refusal
  package let request: RequestID?

  package init(_ refusal: Refusal, request: RequestID?) {
    self.refusal = refusal
    self.request = request
  }
}
