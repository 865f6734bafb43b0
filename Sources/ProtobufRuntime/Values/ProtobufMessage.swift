/// A message: a value with one stored property a field.
///
/// Types conform by generated code alone. What works on messages of every type (ProtoJSON, field masks, validation)
/// reaches the fields through `descriptor`, `value(ofField:)` and `setValue(_:ofField:)`.
public protocol ProtobufMessage: FieldElement {
  /// Names, types and annotations of the fields.
  static var descriptor: MessageDescriptor { get }

  /// Creates a message with no field set.
  init()

  /// Fields of a received message that this type does not declare.
  var unknownFields: UnknownFields { get set }

  /// The value of a field; nil when it is not set, or is at its default and has no presence.
  func value(ofField number: Int32) -> FieldValue?

  /// Sets a field, or clears it for nil.
  /// - Throws: `unknownField`, `valueMismatch`.
  mutating func setValue(_ value: FieldValue?, ofField number: Int32) throws(ProtobufError)

  /// The libprotobuf-c struct of this message type; for generated code.
  static var structLayout: StructLayout { get }

  /// Takes the fields from an unpacked struct; for generated code.
  mutating func read(fromStruct address: UnsafeRawPointer) throws(ProtobufError)

  /// Puts the fields into an initialized struct; for generated code.
  func write(toStruct address: UnsafeMutableRawPointer, _ writer: inout StructWriter)
}

extension ProtobufMessage {
  /// A message with the fields that `populate` sets.
  public static func with<E: Error>(_ populate: (inout Self) throws(E) -> Void) throws(E) -> Self {
    var message = Self()
    try populate(&message)
    return message
  }

  func isEqual(to other: any ProtobufMessage) -> Bool {
    (other as? Self) == self
  }
}
