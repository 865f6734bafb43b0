/// `google.protobuf.FieldMask` as text: its paths in lowerCamelCase, joined by commas.
enum FieldMaskText {
  /// - Throws: `valueOutOfRange` for a path that would not come back as it was.
  static func json(_ paths: [String]) throws(ProtobufError) -> String {
    var converted: [String] = []
    for (index, path) in paths.enumerated() {
      let camel = camelCased(path)
      guard !path.isEmpty, !path.contains(","), snakeCased(camel) == path else {
        throw ProtobufError(
          .valueOutOfRange, "the path \"\(path)\" has no JSON form", at: .field(1), .index(index))
      }
      converted.append(camel)
    }
    return converted.joined(separator: ",")
  }

  /// The paths of a mask; nil if the text holds an underscore, which no JSON name does.
  static func paths(_ json: String) -> [String]? {
    guard !json.contains("_") else { return nil }
    return json.isEmpty ? [] : json.split(separator: ",", omittingEmptySubsequences: false).map { snakeCased($0) }
  }

  private static func camelCased(_ path: String) -> String { FieldDescriptor.jsonName(for: path) }

  private static func snakeCased(_ path: some StringProtocol) -> String {
    var snake = ""
    for character in path {
      if character.isUppercase { snake += "_" }
      snake += character.lowercased()
    }
    return snake
  }
}
