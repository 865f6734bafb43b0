/// The value of one field of any type, as generic code sees it.
public indirect enum FieldValue: Sendable, Equatable {
  /// A `double`.
  case double(Double)
  /// A `float`.
  case float(Float)
  /// An `int32`, `sint32` or `sfixed32`.
  case int32(Int32)
  /// An `int64`, `sint64` or `sfixed64`.
  case int64(Int64)
  /// A `uint32` or `fixed32`.
  case uint32(UInt32)
  /// A `uint64` or `fixed64`.
  case uint64(UInt64)
  /// A `bool`.
  case bool(Bool)
  /// A `string`.
  case string(String)
  /// A `bytes` value.
  case bytes([UInt8])
  /// The number of an enum's value, which the enum need not know.
  case enumeration(Int32)
  /// A message.
  case message(any ProtobufMessage)
  /// The elements of a repeated field.
  case list([FieldValue])
  /// The entries of a map field, sorted by key.
  case map([FieldMapEntry])

  /// Two values are equal when they have the same type and the same contents.
  public static func == (left: FieldValue, right: FieldValue) -> Bool {
    switch (left, right) {
    case (.double(let a), .double(let b)): a == b
    case (.float(let a), .float(let b)): a == b
    case (.int32(let a), .int32(let b)): a == b
    case (.int64(let a), .int64(let b)): a == b
    case (.uint32(let a), .uint32(let b)): a == b
    case (.uint64(let a), .uint64(let b)): a == b
    case (.bool(let a), .bool(let b)): a == b
    case (.string(let a), .string(let b)): a == b
    case (.bytes(let a), .bytes(let b)): a == b
    case (.enumeration(let a), .enumeration(let b)): a == b
    case (.message(let a), .message(let b)): a.isEqual(to: b)
    case (.list(let a), .list(let b)): a == b
    case (.map(let a), .map(let b)): a == b
    default: false
    }
  }
}

/// One entry of a map field.
public struct FieldMapEntry: Sendable, Equatable {
  /// The key: a string, an integer or a bool.
  public var key: FieldValue
  /// The value: anything but a list or a map.
  public var value: FieldValue

  /// Creates an entry.
  public init(key: FieldValue, value: FieldValue) {
    self.key = key
    self.value = value
  }
}
