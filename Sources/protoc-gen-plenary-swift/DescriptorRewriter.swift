/// Turns the descriptors of the published protos into ones from which protoc-c 1.4.1 makes C without its holes.
///
/// The published protos stay as they are; only protoc-c reads the result.
/// - A string becomes bytes (`string_as_bytes`), because a `char *` loses everything after U+0000.
/// - A proto3 `optional`, which protoc-c refuses, becomes the one-member oneof that it already is on the wire.
/// - A map becomes the repeated entry message that it is on the wire; protoc-c does not know maps.
/// - A float or double without presence gets a one-member oneof, because libprotobuf-c takes -0.0 for the default and
///   drops it; so do key and value of a map entry, which every other encoder always writes.
/// - Deprecated fields are so no longer: our own generated code uses their C members, and a warning is an error.
/// - A field that would be out of reach as a member of a C struct, such as `self`, gets another name.
/// - Imports of google/api are dropped: their options stay, but no C is wanted for them. So are extensions, which only
///   options have, and the import of descriptor.proto that they need.
/// - No services and no pack helpers: the runtime uses the messages' descriptors alone.
enum DescriptorRewriter {
  // Field numbers of descriptor.proto, and of protobuf-c's extensions to its options.
  private enum FileSet { static let file = 1 }
  private enum File {
    static let dependency = 3
    static let message = 4
    static let service = 6
    static let `extension` = 7
    static let options = 8
    static let sourceInfo = 9
    static let publicDependency = 10
    static let weakDependency = 11
  }
  private enum Message {
    static let field = 2
    static let nested = 3
    static let options = 7
    static let oneof = 8
    static let isMapEntry = 7
  }
  private enum Field {
    static let name = 1
    static let label = 4
    static let type = 5
    static let options = 8
    static let oneofIndex = 9
    static let isProto3Optional = 17
    static let isDeprecated = 3
  }
  private enum ProtobufC {
    static let proto = "protobuf-c/protobuf-c.proto"
    static let extensionNumber = 1019
    static let stringAsBytes = 1
    static let genPackHelpers = 2
  }

  /// Rewrites a serialized FileDescriptorSet.
  static func rewrite(_ descriptorSet: [UInt8]) throws -> [UInt8] {
    var set = try WireMessage(descriptorSet)
    try set.rewrite(FileSet.file) { try rewriteFile(&$0) }
    return set.bytes
  }

  private static func rewriteFile(_ file: inout WireMessage) throws {
    let name = file.string(1)
    // protobuf-c's own proto, and what it imports, must stay valid as proto2.
    guard file.string(12) == "proto3" else { return }
    let kept = file.strings(File.dependency).filter { name in
      !name.hasPrefix("google/api/") && name != "google/protobuf/descriptor.proto"
    }
    for number in [
      File.dependency, File.publicDependency, File.weakDependency, File.service, File.extension,
      File.sourceInfo,
    ] {
      file.remove(number)
    }
    for dependency in kept + [ProtobufC.proto] { file.append(File.dependency, dependency) }
    var options = try file.message(File.options)
    options.append(ProtobufC.extensionNumber, message { $0.append(ProtobufC.genPackHelpers, 0) })
    file.remove(File.options)
    file.append(File.options, options.bytes)
    do {
      try file.rewrite(File.message) { try rewriteMessage(&$0) }
    } catch {
      throw GeneratorError("\(name): \(error)")
    }
  }

  private static func rewriteMessage(_ descriptor: inout WireMessage) throws {
    let isMapEntry = try descriptor.message(Message.options).bool(Message.isMapEntry)
    try descriptor.rewrite(Message.options) { $0.remove(Message.isMapEntry) }
    var oneofCount = descriptor.messages(count: Message.oneof)
    var newOneofs: [String] = []
    try descriptor.rewrite(Message.field) { field in
      var options = try field.message(Field.options)
      options.remove(Field.isDeprecated)
      if field.number(Field.type) == FieldKind.string.rawValue {
        options.append(ProtobufC.extensionNumber, message { $0.append(ProtobufC.stringAsBytes, 1) })
      }
      field.remove(Field.options)
      field.append(Field.options, options.bytes)
      field.remove(Field.isProto3Optional)
      let name = field.string(Field.name)
      if isMapEntry || losesNegativeZero(field) {
        newOneofs.append("_" + name)
        field.append(Field.oneofIndex, oneofCount)
        oneofCount += 1
      }
      if let replacement = CNaming.replacement(for: name) {
        field.remove(Field.name)
        field.append(Field.name, replacement)
      }
    }
    for name in newOneofs { descriptor.append(Message.oneof, message { $0.append(1, name) }) }
    try descriptor.rewrite(Message.nested) { try rewriteMessage(&$0) }
  }

  private static func losesNegativeZero(_ field: WireMessage) -> Bool {
    let isFloating = [FieldKind.double.rawValue, FieldKind.float.rawValue].contains(field.number(Field.type))
    return isFloating && field.number(Field.label) != FieldLabel.repeated.rawValue
      && field.number(Field.oneofIndex) == nil
  }

  private static func message(_ build: (inout WireMessage) -> Void) -> [UInt8] {
    var message = WireMessage()
    build(&message)
    return message.bytes
  }
}

extension WireMessage {
  fileprivate func messages(count field: Int) -> Int { fields.filter { $0.number == field }.count }
}
