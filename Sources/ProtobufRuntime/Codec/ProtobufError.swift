/// Why a message could not be decoded, encoded or changed.
public struct ProtobufError: Error, Sendable, Equatable {
  /// The kind of failure.
  public struct Code: RawRepresentable, Sendable, Hashable {
    /// A stable name in lowerCamelCase.
    public let rawValue: String

    /// Creates a code of one's own.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// The bytes are not a protobuf message.
    public static let malformed = Code(rawValue: "malformed")
    /// A length runs past the end of the message that contains it.
    public static let truncated = Code(rawValue: "truncated")
    /// A field came with another wire type than its declaration allows.
    public static let wireTypeMismatch = Code(rawValue: "wireTypeMismatch")
    /// Groups are not part of proto3 and are refused.
    public static let groupRefused = Code(rawValue: "groupRefused")
    /// A string is not UTF-8.
    public static let invalidUTF8 = Code(rawValue: "invalidUTF8")
    /// Messages lie deeper within each other than allowed.
    public static let nestedTooDeep = Code(rawValue: "nestedTooDeep")
    /// The encoded message is larger than allowed.
    public static let messageTooLarge = Code(rawValue: "messageTooLarge")
    /// Decoding would take more memory than allowed.
    public static let memoryExceeded = Code(rawValue: "memoryExceeded")
    /// The message has no such field.
    public static let unknownField = Code(rawValue: "unknownField")
    /// A value of another type was given for a field.
    public static let valueMismatch = Code(rawValue: "valueMismatch")
    /// An `Any` holds another type than the one asked for.
    public static let typeURLMismatch = Code(rawValue: "typeURLMismatch")
    /// A value lies outside what its type allows, such as a year beyond 9999 in a timestamp.
    public static let valueOutOfRange = Code(rawValue: "valueOutOfRange")
  }

  /// A step on the way from the outermost message to the field concerned.
  public enum PathStep: Sendable, Equatable {
    /// A field, by its number.
    case field(Int32)
    /// An element of a repeated field.
    case index(Int)
    /// An entry of a map field, its key in text form.
    case key(String)
  }

  /// The kind of failure.
  public let code: Code
  /// What is wrong, in a sentence without a full stop.
  public let reason: String
  /// Where it is wrong; empty for the message as a whole.
  public private(set) var steps: [PathStep]
  /// The path with field names, such as `title.values["en"]`; empty until the outermost message is known.
  public private(set) var path = ""

  /// Creates an error about the field that `steps` lead to.
  public init(_ code: Code, _ reason: String, at steps: PathStep...) {
    self.code = code
    self.reason = reason
    self.steps = steps
  }

  /// The same error seen from the message that contains the one it was found in.
  @usableFromInline
  func within(_ outer: PathStep...) -> ProtobufError {
    var error = self
    error.steps = outer + steps
    return error
  }

  /// The same error with its path spelled out for the outermost message.
  func named(for root: MessageDescriptor) -> ProtobufError {
    var error = self
    error.path = Self.render(steps, root)
    return error
  }

  private static func render(_ steps: [PathStep], _ root: MessageDescriptor) -> String {
    var path = ""
    var message: MessageDescriptor? = root
    var isMapEntry = false
    for step in steps {
      switch step {
      case .index(let index): path += "[\(index)]"
      case .key(let key):
        path += "[\"\(key)\"]"
        isMapEntry = false
      case .field(let number) where isMapEntry:
        path += number == 1 ? ".key" : ".value"
        isMapEntry = false
      case .field(let number):
        let field = message?.field(number: number)
        path += (path.isEmpty ? "" : ".") + (field?.name ?? String(number))
        message = field?.type.valueMessage?.descriptor
        isMapEntry = field?.isMap ?? false
      }
    }
    return path
  }
}

extension ProtobufError: CustomStringConvertible {
  /// The reason, led by the path where one is known.
  public var description: String { path.isEmpty ? reason : "\(path): \(reason)" }
}
