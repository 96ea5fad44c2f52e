// `coherentctl evict`: free device memory by moving data to the host stores. Pointers stay valid.
import ArgumentParser
import CoherentControl
import CoherentWire

struct EvictCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evict",
    abstract: "Move data from the device to host memory.",
    discussion: """
      Nothing is lost, and every pointer stays valid: what is used again comes back by itself. \
      What is pinned stays on the device and is counted. Numbers of allocations are a session's \
      own: where several sessions have one of this number, --session says which is meant.

      EXAMPLES:
        coherentctl evict --bytes 512M            the coldest half gigabyte
        coherentctl evict --session 3             everything of one process
        coherentctl evict --session 3 --allocation 17
        coherentctl evict --all --timeout 1min
      """)

  @Option(
    name: .long, help: ArgumentHelp("Only the data of this session.", valueName: "session"))
  var session: SessionID?

  @Option(name: .long, help: ArgumentHelp("Only this allocation.", valueName: "id"))
  var allocation: HandleID?

  @Option(
    name: .long,
    help: ArgumentHelp("At most this much, rounded up to frames: 64M, 2G.", valueName: "size"))
  var bytes: SizeArgument?

  @Option(
    name: .long, help: ArgumentHelp("How long it may take: 500ms, 10s, 2min.", valueName: "time"))
  var timeout = DurationArgument(milliseconds: OrderTimeout.defaultMilliseconds)

  @Flag(name: .long, help: "Everything that is not pinned.")
  var all = false

  @OptionGroup var options: CallOptions

  func validate() throws {
    guard bytes?.bytes ?? 1 > 0 else { throw ValidationError("--bytes is 1 or more.") }
    guard bytes?.bytes ?? 1 <= EvictionOrder.maximumBytes else {
      throw ValidationError("--bytes is less than 8 EiB: no device has more.")
    }
    let isNarrow = session != nil || allocation != nil || bytes != nil
    guard isNarrow != all else {
      throw ValidationError(
        all
          ? "--all goes with none of --session, --allocation and --bytes."
          : "Say what to evict: --session, --allocation or --bytes, or --all.")
    }
  }

  func run() throws {
    var order = EvictionOrder()
    order.session = session
    order.allocation = allocation
    order.bytes = bytes?.bytes
    order.timeoutMilliseconds = timeout.milliseconds
    let report = try options.withClient { (client) throws(ControlFailure) in
      try client.evict(order)
    }
    try options.show(report) { OrderText.eviction($0, asked: order.bytes, $1) }
  }
}
