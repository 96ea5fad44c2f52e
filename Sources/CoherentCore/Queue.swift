// First in, first out, in constant time: an array whose front moves.

struct Queue<Element> {
  private var elements: [Element] = []
  private var front = 0

  var isEmpty: Bool { front == elements.count }
  var count: Int { elements.count - front }

  mutating func append(_ element: Element) { elements.append(element) }

  mutating func popFirst() -> Element? {
    guard front < elements.count else { return nil }
    defer {
      front += 1
      trim()
    }
    return elements[front]
  }

  /// The first elements, at most `limit`, taken out. O(limit) on average.
  mutating func popFirst(_ limit: Int) -> [Element] {
    let end = front + min(limit, count)
    let taken = Array(elements[front..<end])
    front = end
    trim()
    return taken
  }

  private mutating func trim() {
    guard front > 64, front * 2 > elements.count else { return }
    elements.removeFirst(front)
    front = 0
  }

  /// Drops what does not satisfy `isKept`, and keeps the order. O(n).
  mutating func compact(keeping isKept: (Element) -> Bool) {
    elements = elements[front...].filter(isKept)
    front = 0
  }
}
