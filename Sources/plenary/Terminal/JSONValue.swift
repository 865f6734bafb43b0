internal import ProtobufRuntime

/// An answer for programs: JSON of ours around the ProtoJSON of messages.
indirect enum JSONValue: Sendable {
  /// JSON that is written already, such as that of a message.
  case written(String)
  case string(String)
  case number(Int)
  case bool(Bool)
  case array([JSONValue])
  /// Members in the order in which they are written.
  case object([(name: String, value: JSONValue)])

  /// The ProtoJSON of a message.
  ///
  /// - Throws: a `Failure` if the message holds something that JSON cannot express.
  static func message(_ message: any ProtobufMessage) throws(Failure) -> JSONValue {
    do {
      var options = ProtoJSON.EncodingOptions.pretty
      options.types = StatusTypes.registry
      return .written(try ProtoJSON.string(message, options: options))
    } catch {
      throw Failure(.other, "the answer cannot be written as JSON: \(error)")
    }
  }

  /// The text, one value a line, each level indented by two spaces.
  var text: String {
    switch self {
    case .written(let text): text
    case .string(let text): Self.quoted(text)
    case .number(let number): "\(number)"
    case .bool(let truth): "\(truth)"
    case .array(let elements): Self.block("[", elements.map(\.text), "]")
    case .object(let members): Self.block("{", members.map { "\(Self.quoted($0.name)): \($0.value.text)" }, "}")
    }
  }

  /// Text with each line indented by one level. No string of JSON has a line break in it.
  static func indented(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { "  " + $0 }.joined(separator: "\n")
  }

  private static func block(_ open: String, _ items: [String], _ close: String) -> String {
    items.isEmpty ? open + close : "\(open)\n\(items.map(indented).joined(separator: ",\n"))\n\(close)"
  }

  /// RFC 8259 §7.
  private static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\n": quoted += "\\n"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}
