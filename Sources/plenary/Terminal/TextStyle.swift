/// Emphasis on terminals that can show it; nothing elsewhere, nor where NO_COLOR asks for none.
struct TextStyle: Sendable {
  let isEnabled: Bool
  /// Whether texts that run from right to left are set apart, so that they do not turn around what stands beside them. A
  /// terminal needs it; what a program reads must hold the texts as they are.
  var isolates = false

  /// No emphasis, as in files and pipes.
  static let plain = TextStyle(isEnabled: false)

  /// For what a reader looks for first, such as the head of a table.
  func bold(_ text: String) -> String { wrapped(text, in: "1") }

  /// For what stands behind the rest, such as where a value comes from.
  func faint(_ text: String) -> String { wrapped(text, in: "2") }

  /// A text of the registry as it may stand beside others.
  func isolated(_ text: String) -> String { isolates ? TerminalText.isolated(text) : text }

  private func wrapped(_ text: String, in code: String) -> String {
    isEnabled && !text.isEmpty ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
  }
}
