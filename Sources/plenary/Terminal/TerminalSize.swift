internal import Glibc

/// What the terminal says about itself.
enum TerminalSize {
  /// The width of the output in cells: COLUMNS if it is set, else the terminal's own; nil if it is no terminal.
  static func columns(environment: [String: String]) -> Int? {
    if let asked = environment["COLUMNS"].flatMap({ Int($0) }), asked > 0 { return asked }
    guard isTerminal(STDOUT_FILENO) else { return nil }
    var size = winsize()
    // SAFETY: TIOCGWINSZ fills one `winsize`, which `size` is and which outlives the call.
    guard unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }

  /// Whether a person sees questions and can answer them.
  static var isPersonPresent: Bool { isTerminal(STDIN_FILENO) && isTerminal(STDERR_FILENO) }

  /// Whether a person is at the other end of a file descriptor.
  static func isTerminal(_ descriptor: Int32) -> Bool {
    isatty(descriptor) == 1
  }
}
