/// The JSON form of messages, as the protobuf project defines it.
///
/// Fields stand under their lowerCamelCase names, enums are names, 64-bit integers are strings, bytes are Base64, and the
/// well-known types have forms of their own (`google.protobuf.Timestamp` is `"2018-09-04T09:30:00Z"`).
public enum ProtoJSON {
  /// How a message is read.
  public struct DecodingOptions: Sendable {
    /// Whether names of fields and enum values that the message does not have are passed over instead of refused.
    public var ignoresUnknownFields = false
    /// The largest text that is accepted, in bytes; 64 MiB unless changed.
    public var textBytesMax = 64 * 1024 * 1024
    /// How many objects and arrays may lie within each other.
    public var nestingMax = 100
    /// The types that may stand in a `google.protobuf.Any`.
    public var types = TypeRegistry()

    /// Creates the default: unknown fields are refused, no type is known within an `Any`.
    public init() {}
  }

  /// How a message is written.
  public struct EncodingOptions: Sendable {
    /// By how many spaces each level is indented; nil for everything in one line.
    public var indentation: Int?
    /// Whether the text is in the canonical form of RFC 8785, so that equal messages have equal texts, of which digests
    /// can be taken. It then has no indentation, and numbers in it are whole ones.
    public var isCanonical = false
    /// How many messages may lie within each other below the outermost one, those within an `Any` included.
    public var nestingMax = 100
    /// The types that may stand in a `google.protobuf.Any`.
    public var types = TypeRegistry()

    /// Creates the default: one line, no type is known within an `Any`.
    public init() {}

    /// One value a line, each level indented by two spaces.
    public static var pretty: EncodingOptions {
      var options = EncodingOptions()
      options.indentation = 2
      return options
    }

    /// The canonical form of RFC 8785.
    public static var canonical: EncodingOptions {
      var options = EncodingOptions()
      options.isCanonical = true
      return options
    }
  }

  /// The JSON of a message, in UTF-8.
  ///
  /// Fields come in the order of their declaration, map entries sorted by key; what is not set is left out, as are
  /// unknown fields, which JSON cannot express.
  /// - Throws: `valueOutOfRange` for a value that has no JSON form, such as a timestamp after the year 9999, or no
  ///   canonical one if that is asked for; `nestedTooDeep`; `typeURLMismatch` for an `Any` of a type that is not known.
  public static func encode(
    _ message: some ProtobufMessage, options: EncodingOptions = EncodingOptions()
  ) throws(ProtobufError) -> [UInt8] {
    var encoder = ProtoJSONEncoder(options: options)
    do {
      try encoder.write(message)
    } catch {
      throw error.named(for: type(of: message).descriptor)
    }
    return encoder.text.bytes
  }

  /// The JSON of a message as a string.
  /// - Throws: `valueOutOfRange` for a value that has no JSON form.
  public static func string(
    _ message: some ProtobufMessage, options: EncodingOptions = EncodingOptions()
  ) throws(ProtobufError) -> String {
    String(decoding: try encode(message, options: options), as: UTF8.self)
  }

  /// Reads a message from JSON in UTF-8.
  /// - Throws: `ProtoJSONError`, which says what is wrong and where.
  public static func decode<Message: ProtobufMessage>(
    _ type: Message.Type = Message.self, from text: [UInt8], options: DecodingOptions = DecodingOptions()
  ) throws(ProtoJSONError) -> Message {
    try decode(type, from: parse(text, options: options), of: text, options: options)
  }

  /// The value that a text in UTF-8 is the JSON of.
  /// - Throws: `ProtoJSONError`, which says what is wrong and where.
  package static func parse(
    _ text: [UInt8], options: DecodingOptions = DecodingOptions()
  ) throws(ProtoJSONError) -> JSONNode {
    guard text.count <= options.textBytesMax else {
      throw ProtoJSONError("the text has \(text.count) bytes, \(options.textBytesMax) are allowed", at: 0, in: text)
    }
    return try JSONParser.parse(text, nestingMax: options.nestingMax)
  }

  /// Reads a message from a value.
  /// - Parameters:
  ///   - text: Where the value stood, if it knows its place by the bytes before it.
  ///   - path: The way to the value in the names of the text; empty at the top.
  /// - Throws: `ProtoJSONError`, which says what is wrong and where.
  package static func decode<Message: ProtobufMessage>(
    _ type: Message.Type = Message.self, from node: JSONNode, of text: [UInt8] = [], at path: String = "",
    options: DecodingOptions = DecodingOptions()
  ) throws(ProtoJSONError) -> Message {
    var decoder = ProtoJSONDecoder(text: text, path: path, options: options)
    return try decoder.message(type, node)
  }
}

/// Message types by their full names, for what a `google.protobuf.Any` holds.
public struct TypeRegistry: Sendable {
  private var types: [String: any ProtobufMessage.Type] = [:]

  /// Creates a registry of the given types.
  public init(_ types: [any ProtobufMessage.Type] = []) {
    for type in types { self.types[type.descriptor.fullName] = type }
  }

  /// The type with the given full name.
  public subscript(fullName: some StringProtocol) -> (any ProtobufMessage.Type)? { types[String(fullName)] }
}
