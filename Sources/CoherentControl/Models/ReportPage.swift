// One piece of a long list. The daemon takes it in one short look under its lock and forgets it:
// nothing is kept for a reader between two pages, so a slow one costs nothing.

/// Where the next page begins. Only who made it knows what it means (a slot, a number).
package struct ReportCursor: Hashable, Sendable {
  package let rawValue: UInt64
  package init(rawValue: UInt64) { self.rawValue = rawValue }

  /// The beginning of every list.
  package static let start = ReportCursor(rawValue: 0)
}

package struct ReportPage<Entry: Sendable>: Sendable {
  /// May be empty although more follow, where a stretch of the table is.
  package var entries: [Entry]
  /// Where to go on; nil after the last page. Never the cursor that was asked with.
  package var next: ReportCursor?

  package init(entries: [Entry], next: ReportCursor?) {
    self.entries = entries
    self.next = next
  }
}
