// Text that has only so many columns: cut, with a mark where it was.

enum ClippedText {
  static func text(_ text: String, width: Int, _ style: Style) -> String {
    guard text.count > width else { return text }
    guard width > 1 else { return String(text.prefix(max(width, 0))) }
    return text.prefix(width - 1) + (style.usesUnicode ? "…" : "+")
  }
}
