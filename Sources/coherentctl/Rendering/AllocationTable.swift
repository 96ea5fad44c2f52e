// The allocations as a table.
import CoherentControl

enum AllocationTable {
  static func text(_ allocations: [AllocationReport], _ style: Style) -> String {
    var table = Table([
      .number("ALLOCATION"), .number("SESSION"), .number("PID"), .number("OFFSET"),
      .number("SIZE"), .number("PRIORITY"), .number("UNTOUCHED"), .number("DEVICE"),
      .number("HOST"), .number("STORED"), .number("PINNED"),
    ])
    for allocation in allocations {
      table.add([
        String(allocation.allocation.rawValue), String(allocation.session.rawValue),
        String(allocation.process), style.size(allocation.offsetBytes),
        style.size(allocation.sizeBytes), String(allocation.priority),
        style.size(allocation.untouchedBytes), style.size(allocation.deviceBytes),
        style.size(allocation.hostBytes), style.size(allocation.storedBytes),
        style.size(allocation.pinnedBytes),
      ])
    }
    return table.text(style, noun: ("allocation", "allocations"))
  }
}
