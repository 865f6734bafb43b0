/// The descriptors of proto files as the proto compiler wrote them, for reflection.
public struct DescriptorSet: Sendable {
  /// One proto file.
  public struct File: Sendable {
    /// The name under which it is imported, such as `plenary/v1/dialogue.proto`.
    public let name: String
    /// The package of everything in it.
    public let package: String
    /// The names of the files it imports.
    public let dependencies: [String]
    /// The full names of its messages, enums, services, methods and extensions.
    public let symbols: [String]
    /// The extensions it declares, by the message they extend.
    public let extensions: [Extension]
    /// The encoded `google.protobuf.FileDescriptorProto`, comments left out.
    public let serialized: [UInt8]
  }

  /// A field added to a message of another file.
  public struct Extension: Sendable, Equatable {
    /// The full name of the message.
    public let extendedMessage: String
    /// The number of the field.
    public let number: Int32
  }

  /// The files, each after those it imports.
  public let files: [File]

  /// Reads an encoded `google.protobuf.FileDescriptorSet` that the generator embedded.
  public init(serialized: [UInt8]) {
    files = WireFields(serialized).map { File(serialized: Array(serialized[$0.contents])) }
  }
}

extension DescriptorSet {
  /// Reads the comments that the generator embedded: messages with a name as field 1 and a text as field 2.
  public static func comments(serialized bytes: [UInt8]) -> [String: String] {
    var comments: [String: String] = [:]
    for pair in WireFields(bytes) {
      let texts = WireFields(bytes, in: pair.contents).map { String(decoding: bytes[$0.contents], as: UTF8.self) }
      if texts.count == 2 { comments[texts[0]] = texts[1] }
    }
    return comments
  }
}

// The bare numbers are the field numbers of descriptor.proto.
extension DescriptorSet.File {
  fileprivate init(serialized: [UInt8]) {
    var reader = DescriptorSymbols(bytes: serialized)
    reader.readFile()
    name = reader.name
    package = reader.package
    dependencies = reader.dependencies
    symbols = reader.symbols
    extensions = reader.extensions
    self.serialized = serialized
  }
}

private struct DescriptorSymbols {
  let bytes: [UInt8]
  var name = ""
  var package = ""
  var dependencies: [String] = []
  var symbols: [String] = []
  var extensions: [DescriptorSet.Extension] = []

  init(bytes: [UInt8]) { self.bytes = bytes }

  mutating func readFile() {
    let fields = Array(WireFields(bytes))
    // Names of symbols begin with the package, which need not come first.
    for field in fields where field.number == 2 { package = text(field) }
    for field in fields {
      switch field.number {
      case 1: name = text(field)
      case 3: dependencies.append(text(field))
      case 4: readMessage(field.contents, in: package)
      case 5: _ = declare(field.contents, in: package)
      case 6:
        let service = declare(field.contents, in: package)
        for method in WireFields(bytes, in: field.contents) where method.number == 2 {
          _ = declare(method.contents, in: service)
        }
      case 7: readExtension(field.contents, in: package)
      default: break
      }
    }
  }

  private mutating func readMessage(_ range: Range<Int>, in scope: String) {
    let fullName = declare(range, in: scope)
    for field in WireFields(bytes, in: range) {
      switch field.number {
      case 3: readMessage(field.contents, in: fullName)
      case 4: _ = declare(field.contents, in: fullName)
      case 6: readExtension(field.contents, in: fullName)
      default: break
      }
    }
  }

  private mutating func readExtension(_ range: Range<Int>, in scope: String) {
    _ = declare(range, in: scope)
    var extendedMessage = ""
    var number: Int32 = 0
    for field in WireFields(bytes, in: range) {
      switch field.number {
      case 2: extendedMessage = String(text(field).drop { $0 == "." })
      case 3: number = Int32(truncatingIfNeeded: field.number(in: bytes))
      default: break
      }
    }
    extensions.append(DescriptorSet.Extension(extendedMessage: extendedMessage, number: number))
  }

  /// Adds the symbol that a descriptor is about; its name is field 1 in all of them.
  private mutating func declare(_ range: Range<Int>, in scope: String) -> String {
    var fullName = scope
    for field in WireFields(bytes, in: range) where field.number == 1 {
      fullName = scope.isEmpty ? text(field) : "\(scope).\(text(field))"
    }
    symbols.append(fullName)
    return fullName
  }

  private func text(_ field: WireFields.Field) -> String { String(decoding: bytes[field.contents], as: UTF8.self) }
}

extension WireFields.Field {
  /// The value of a field that holds a variable-length number.
  fileprivate func number(in bytes: [UInt8]) -> UInt64 {
    bytes[value].reversed().reduce(0) { $0 << 7 | UInt64($1 & 0x7F) }
  }
}
