internal import PlenaryClient

/// The text of a list of records for programs, record by record: the same bytes as that of the whole.
struct RecordListText {
  /// JSON or YAML.
  let format: OutputFormat
  /// The member of an object that the list is; nil for a list alone.
  let member: String?
  /// How many records there are so far.
  private(set) var count = 0

  init(_ format: OutputFormat, member: String? = nil) {
    self.format = format
    self.member = member
  }

  /// The text of one more record, with what stands before it.
  ///
  /// - Throws: a `Failure` if the record cannot be written.
  mutating func next(_ record: any ProtobufMessage) throws(Failure) -> [UInt8] {
    defer { count += 1 }
    let json = try JSONValue.message(record).text
    let text: String
    if format == .yaml {
      let indentation = member == nil ? 0 : 2
      let element = try YAMLText.text(json: json, indentation: indentation + 2)
      let head = count == 0 ? member.map { "\($0):\n" } ?? "" : ""
      text = "\(head)\(String(repeating: " ", count: indentation))- \(element)\n"
    } else {
      let head = count == 0 ? member.map { "{\n  \"\($0)\": [\n" } ?? "[\n" : ",\n"
      let element = JSONValue.indented(json)
      text = head + (member == nil ? element : JSONValue.indented(element))
    }
    return Array(text.utf8)
  }

  /// The text behind the last record.
  func end() -> [UInt8] {
    let text =
      switch (count, format) {
      case (0, _): member == nil ? "[]\n" : "{}\n"
      case (_, .yaml): ""
      default: member == nil ? "\n]\n" : "\n  ]\n}\n"
      }
    return Array(text.utf8)
  }
}
