/// What the proto says about an enum.
public final class EnumDescriptor: Sendable {
  /// A declared value.
  public struct Value: Sendable, Equatable {
    /// The number on the wire.
    public let number: Int32
    /// The name in the proto, such as `DRAFT`.
    public let name: String
  }

  /// The name with its package and outer messages.
  public let fullName: String
  /// The values in the order of their declaration.
  public let values: [Value]

  /// Describes an enum; `build` adds its values.
  public init(_ fullName: String, _ build: (inout Builder) -> Void) {
    var builder = Builder()
    build(&builder)
    self.fullName = fullName
    values = builder.values
  }

  /// The name of a number: the first declared one where the proto gives it several.
  public func name(of number: Int32) -> String? { values.first { $0.number == number }?.name }

  /// The number of a name.
  public func number(named name: String) -> Int32? { values.first { $0.name == name }?.number }
}

extension EnumDescriptor {
  /// Collects the values of an enum.
  public struct Builder {
    fileprivate var values: [Value] = []

    /// Adds a value.
    public mutating func add(_ number: Int32, _ name: String) {
      values.append(Value(number: number, name: name))
    }
  }
}
