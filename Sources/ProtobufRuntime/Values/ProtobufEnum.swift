/// An enum of proto3: open, so a number that this version does not know is kept.
public protocol ProtobufEnum: RawRepresentable, ScalarElement, Hashable, CustomStringConvertible
where RawValue == Int32 {
  /// The names and numbers declared in the proto.
  static var descriptor: EnumDescriptor { get }
  /// The value with the given number, declared or not.
  init(rawValue: Int32)
}

extension ProtobufEnum {
  /// The name in the proto, such as `DRAFT`; nil for a number that the enum does not declare.
  public var name: String? { Self.descriptor.name(of: rawValue) }

  /// The value with the given name in the proto.
  public init?(name: String) {
    guard let number = Self.descriptor.number(named: name) else { return nil }
    self.init(rawValue: number)
  }

  /// The name in the proto, or the number if it has none.
  public var description: String { name ?? String(rawValue) }
}
