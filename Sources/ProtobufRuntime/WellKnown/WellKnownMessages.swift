// The well-known types that have a meaning beyond their fields. This module does not contain them: their generated
// structs conform, and what they can do is written here.

/// `google.protobuf.FieldMask`.
public protocol FieldMaskMessage: ProtobufMessage {
  /// Paths of fields in the proto's names, such as `title.values`.
  var paths: [String] { get set }
}

extension FieldMaskMessage {
  /// A mask of the given paths.
  public init(paths: [String]) {
    self.init()
    self.paths = paths
  }
}

/// `google.protobuf.Timestamp`: a point in time.
public protocol TimestampMessage: ProtobufMessage {
  /// Whole seconds since 1970-01-01T00:00:00Z, rounded down.
  var seconds: Int64 { get set }
  /// The rest, from 0 to 999,999,999.
  var nanos: Int32 { get set }
}

extension TimestampMessage {
  /// A point in time.
  public init(seconds: Int64, nanos: Int32 = 0) {
    self.init()
    self.seconds = seconds
    self.nanos = nanos
  }
}

/// `google.protobuf.Duration`: a length of time with a sign.
public protocol DurationMessage: ProtobufMessage {
  /// Whole seconds, rounded towards zero.
  var seconds: Int64 { get set }
  /// The rest, with the same sign.
  var nanos: Int32 { get set }
}

extension DurationMessage {
  /// The duration, whole nanoseconds of it.
  public init(_ duration: Duration) {
    self.init()
    let (seconds, attoseconds) = duration.components
    self.seconds = seconds
    nanos = Int32(attoseconds / 1_000_000_000)
  }

  /// The duration as the standard library has it.
  public var duration: Duration { .seconds(seconds) + .nanoseconds(Int64(nanos)) }
}

/// `google.protobuf.Any`: a message of any type with the name of that type.
public protocol AnyMessage: ProtobufMessage {
  /// Ends with a slash and the full name of the type.
  var typeURL: String { get set }
  /// The message, encoded.
  var value: [UInt8] { get set }
}

extension AnyMessage {
  /// Packs a message.
  /// - Throws: `nestedTooDeep`.
  public init(packing message: some ProtobufMessage) throws(ProtobufError) {
    self.init()
    typeURL = "type.googleapis.com/" + type(of: message).descriptor.fullName
    value = try message.serializedBytes()
  }

  /// The full name of the type within.
  public var typeName: Substring { typeURL.split(separator: "/", omittingEmptySubsequences: false).last ?? "" }

  /// Whether a message of the given type is within.
  public func holds(_ type: (some ProtobufMessage).Type) -> Bool { typeName == type.descriptor.fullName }

  /// Unpacks the message within; nil when it is of another type.
  /// - Throws: `ProtobufError` when its bytes are not such a message.
  public func unpacked<Message: ProtobufMessage>(
    as type: Message.Type = Message.self, options: DecodingOptions = DecodingOptions()
  ) throws(ProtobufError) -> Message? {
    guard holds(type) else { return nil }
    return try Message(serializedBytes: value, options: options)
  }
}
