/// Why a text is not the ProtoJSON of a message, and where.
public struct ProtoJSONError: Error, Sendable, Equatable {
  /// What is wrong, in a sentence without a full stop.
  public let reason: String
  /// The way to the value concerned in the names of the text, such as `records[3].dialogue.title`; empty at the top.
  public let path: String
  /// The name that was probably meant, for a field or enum value that does not exist.
  public let suggestion: String?
  /// How many bytes stand before the place; nil if the text is not JSON.
  public let offset: Int?
  /// The line of the place, from 1.
  public let line: Int
  /// The character of the place in its line, from 1.
  public let column: Int

  /// An error at a line and character, both from 1.
  package init(_ reason: String, path: String = "", suggestion: String? = nil, line: Int, column: Int) {
    self.reason = reason
    self.path = path
    self.suggestion = suggestion
    self.offset = nil
    self.line = line
    self.column = column
  }

  /// An error behind as many bytes of a text.
  package init(_ reason: String, path: String = "", suggestion: String? = nil, at offset: Int, in text: [UInt8]) {
    self.reason = reason
    self.path = path
    self.suggestion = suggestion
    self.offset = offset
    let before = text.prefix(offset)
    let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    line = before.count { $0 == UInt8(ascii: "\n") } + 1
    // A character counts once, by the byte that is not a continuation.
    column = before[lineStart...].count { $0 & 0xC0 != 0x80 } + 1
  }
}

extension ProtoJSONError {
  /// An error at the place of a value of a text.
  package init(
    _ reason: String, path: String = "", suggestion: String? = nil, at place: JSONNode.Place, in text: [UInt8]
  ) {
    switch place {
    case .offset(let offset): self.init(reason, path: path, suggestion: suggestion, at: offset, in: text)
    case .mark(let line, let column):
      self.init(reason, path: path, suggestion: suggestion, line: Int(line), column: Int(column))
    }
  }
}

extension ProtoJSONError: CustomStringConvertible {
  /// Place, path, reason and suggestion in one line.
  public var description: String {
    let place = path.isEmpty ? "line \(line), column \(column)" : "line \(line), column \(column), \(path)"
    return "\(place): \(reason)" + (suggestion.map { "; did you mean \"\($0)\"?" } ?? "")
  }
}
