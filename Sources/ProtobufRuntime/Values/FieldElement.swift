/// A Swift type that can stand for a field, an element of a repeated field or the value of a map entry.
public protocol FieldElement: Sendable, Equatable {
  /// The value that `value` holds; nil when that is of another type.
  init?(_ value: FieldValue)
  /// The value as generic code sees it.
  var fieldValue: FieldValue { get }
}

/// A field element that is not a message: it has a default, which a field without presence does not transmit.
public protocol ScalarElement: FieldElement {
  /// Whether this is the type's default: zero, false or empty.
  var isDefault: Bool { get }
  /// The type's default.
  static var defaultValue: Self { get }
}

/// A scalar that may be the key of a map.
public protocol MapKeyElement: ScalarElement, Hashable, Comparable {}

extension Double: ScalarElement {
  /// The value that `value` holds, when that is a `double`.
  public init?(_ value: FieldValue) {
    guard case .double(let number) = value else { return nil }
    self = number
  }
  /// This number as a `double`.
  public var fieldValue: FieldValue { .double(self) }
  /// Whether this is +0.0: -0.0 is a value of its own and is transmitted.
  public var isDefault: Bool { bitPattern == 0 }
  /// +0.0.
  public static var defaultValue: Double { 0 }
}

extension Float: ScalarElement {
  /// The value that `value` holds, when that is a `float`.
  public init?(_ value: FieldValue) {
    guard case .float(let number) = value else { return nil }
    self = number
  }
  /// This number as a `float`.
  public var fieldValue: FieldValue { .float(self) }
  /// Whether this is +0.0: -0.0 is a value of its own and is transmitted.
  public var isDefault: Bool { bitPattern == 0 }
  /// +0.0.
  public static var defaultValue: Float { 0 }
}

extension Int32: MapKeyElement {
  /// The value that `value` holds, when that is an `int32`.
  public init?(_ value: FieldValue) {
    guard case .int32(let number) = value else { return nil }
    self = number
  }
  /// This number as an `int32`.
  public var fieldValue: FieldValue { .int32(self) }
  /// Whether this is zero.
  public var isDefault: Bool { self == 0 }
  /// Zero.
  public static var defaultValue: Int32 { 0 }
}

extension Int64: MapKeyElement {
  /// The value that `value` holds, when that is an `int64`.
  public init?(_ value: FieldValue) {
    guard case .int64(let number) = value else { return nil }
    self = number
  }
  /// This number as an `int64`.
  public var fieldValue: FieldValue { .int64(self) }
  /// Whether this is zero.
  public var isDefault: Bool { self == 0 }
  /// Zero.
  public static var defaultValue: Int64 { 0 }
}

extension UInt32: MapKeyElement {
  /// The value that `value` holds, when that is a `uint32`.
  public init?(_ value: FieldValue) {
    guard case .uint32(let number) = value else { return nil }
    self = number
  }
  /// This number as a `uint32`.
  public var fieldValue: FieldValue { .uint32(self) }
  /// Whether this is zero.
  public var isDefault: Bool { self == 0 }
  /// Zero.
  public static var defaultValue: UInt32 { 0 }
}

extension UInt64: MapKeyElement {
  /// The value that `value` holds, when that is a `uint64`.
  public init?(_ value: FieldValue) {
    guard case .uint64(let number) = value else { return nil }
    self = number
  }
  /// This number as a `uint64`.
  public var fieldValue: FieldValue { .uint64(self) }
  /// Whether this is zero.
  public var isDefault: Bool { self == 0 }
  /// Zero.
  public static var defaultValue: UInt64 { 0 }
}

extension String: MapKeyElement {
  /// The value that `value` holds, when that is a `string`.
  public init?(_ value: FieldValue) {
    guard case .string(let text) = value else { return nil }
    self = text
  }
  /// This text as a `string`.
  public var fieldValue: FieldValue { .string(self) }
  /// Whether this is the empty text.
  public var isDefault: Bool { isEmpty }
  /// The empty text.
  public static var defaultValue: String { "" }
}

extension Bool: ScalarElement {
  /// The value that `value` holds, when that is a `bool`.
  public init?(_ value: FieldValue) {
    guard case .bool(let truth) = value else { return nil }
    self = truth
  }
  /// This truth as a `bool`.
  public var fieldValue: FieldValue { .bool(self) }
  /// Whether this is false.
  public var isDefault: Bool { !self }
  /// False.
  public static var defaultValue: Bool { false }
}

extension [UInt8]: FieldElement, ScalarElement {
  /// The value that `value` holds, when that is `bytes`.
  public init?(_ value: FieldValue) {
    guard case .bytes(let bytes) = value else { return nil }
    self = bytes
  }
  /// These bytes as a `bytes` value.
  public var fieldValue: FieldValue { .bytes(self) }
  /// Whether there are none.
  public var isDefault: Bool { isEmpty }
  /// No bytes.
  public static var defaultValue: [UInt8] { [] }
}

extension ProtobufEnum {
  /// The enum value that `value` holds.
  public init?(_ value: FieldValue) {
    guard case .enumeration(let number) = value else { return nil }
    self.init(rawValue: number)
  }
  /// This value's number.
  public var fieldValue: FieldValue { .enumeration(rawValue) }
  /// Whether this is the value with number zero.
  public var isDefault: Bool { rawValue == 0 }
  /// The value with number zero.
  public static var defaultValue: Self { Self(rawValue: 0) }
}

extension ProtobufMessage {
  /// The message that `value` holds, when that is one of this type.
  public init?(_ value: FieldValue) {
    guard case .message(let message) = value, let message = message as? Self else { return nil }
    self = message
  }
  /// This message as a field's value.
  public var fieldValue: FieldValue { .message(self) }
}
