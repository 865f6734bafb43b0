/// A value of a text that is written in JSON or as JSON could be, and where it stood.
///
/// Whatever a text is written in, it becomes messages in one way: from these.
package struct JSONNode: Sendable {
  /// What the value is.
  package enum Value: Sendable {
    case null
    case bool(Bool)
    /// A number as it was written: how much of it counts depends on the field it is for.
    case number(String)
    case string(String)
    /// A text that stood without quotation marks, as JSON has none: what it is depends on the field it is for alone, so
    /// that `NO` is the code of a country in one field and no bool in any.
    case plain(String)
    case array([JSONNode])
    case object([Member])
  }

  /// A name and a value of an object.
  package struct Member: Sendable {
    package let name: String
    /// Where the name begins, for complaints about it.
    package let place: Place
    package let value: JSONNode

    package init(name: String, place: Place, value: JSONNode) {
      self.name = name
      self.place = place
      self.value = value
    }
  }

  /// Where something begins in its text.
  package enum Place: Sendable {
    /// By the bytes before it, where the text is at hand.
    case offset(Int)
    /// By line and character in it, both from 1.
    case mark(line: Int32, column: Int32)
  }

  package let value: Value
  package let place: Place

  package init(value: Value, place: Place) {
    self.value = value
    self.place = place
  }

  /// Whether the value is the absence of one. Without quotation marks that is nothing at all, `~` or `null`; in other
  /// letters it is a text, for there are people of that name.
  package var isNull: Bool {
    switch value {
    case .null, .plain(""), .plain("~"), .plain("null"): true
    default: false
    }
  }

  /// What the value is, for an error message.
  package var kind: String {
    switch value {
    case .null: "null"
    case .bool: "a bool"
    case .number: "a number"
    case .string: "a string"
    case .plain: "a single value"
    case .array: "an array"
    case .object: "an object"
    }
  }
}

extension JSONNode.Value {
  /// The value as one of JSON's own in a field of a type.
  ///
  /// Numbers are those of JSON: what other readers take for octal, as `010`, is refused rather than guessed.
  func resolved(for type: FieldType) -> JSONNode.Value {
    guard case .plain(let text) = self else { return self }
    switch type {
    case .bool: return Self.truth(text) ?? self
    case .double, .float:
      if ["NaN", "Infinity", "-Infinity"].contains(text) { return .string(text) }
      return Self.digits(text) ?? self
    case .int32, .int64, .uint32, .uint64: return Self.digits(text) ?? self
    case .enumeration: return Self.digits(text) ?? .string(text)
    case .string, .bytes, .message, .map: return .string(text)
    }
  }

  /// The value as one of JSON's own where no type says what it is.
  var resolved: JSONNode.Value {
    guard case .plain(let text) = self else { return self }
    return Self.truth(text) ?? Self.digits(text) ?? .string(text)
  }

  private static func truth(_ text: String) -> JSONNode.Value? {
    text == "true" ? .bool(true) : text == "false" ? .bool(false) : nil
  }

  private static func digits(_ text: String) -> JSONNode.Value? {
    // Why a text is no number does not matter here.
    guard let last = text.utf8.last, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(last),
      case .number? = try? JSONParser.parse(Array(text.utf8), nestingMax: 0).value
    else { return nil }
    return .number(text)
  }
}
