/// Reads a FileDescriptorProto; the bare numbers are the field numbers of descriptor.proto.
struct DescriptorReader {
  // Extensions of google.api to the options.
  private enum API {
    static let fieldBehavior = 1052
    static let resource = 1053
    static let resourceReference = 1055
  }

  private let file: WireMessage
  private let package: String
  private let comments: [[Int]: String]

  static func read(_ bytes: [UInt8]) throws -> ProtoFile {
    let file = try WireMessage(bytes)
    return try DescriptorReader(file: file, package: file.string(2), comments: comments(of: file)).read()
  }

  private func read() throws -> ProtoFile {
    var published = file
    published.remove(9)
    return ProtoFile(
      name: file.string(1), package: package, dependencies: file.strings(3),
      messages: try file.messages(4).enumerated().map { try message($1, in: package, path: [4, $0]) },
      enums: try file.messages(5).enumerated().map { try enumeration($1, in: package, path: [5, $0]) },
      services: try file.messages(6).enumerated().map { try service($1, path: [6, $0]) },
      isProto3: file.string(12) == "proto3", descriptor: published.bytes)
  }

  private func message(_ wire: WireMessage, in scope: String, path: [Int]) throws -> ProtoMessage {
    let fullName = Self.join(scope, wire.string(1))
    let options = try wire.message(7)
    return ProtoMessage(
      fullName: fullName, name: wire.string(1),
      fields: try wire.messages(2).enumerated().map { try field($1, path: path + [2, $0]) },
      oneofs: try wire.messages(8).enumerated().map {
        ProtoOneof(name: $1.string(1), comment: comments[path + [8, $0]] ?? "")
      },
      messages: try wire.messages(3).enumerated().map { try message($1, in: fullName, path: path + [3, $0]) },
      enums: try wire.messages(4).enumerated().map { try enumeration($1, in: fullName, path: path + [4, $0]) },
      isMapEntry: options.bool(7), resource: try options.messages(API.resource).last.map(Self.resource),
      comment: comments[path] ?? "")
  }

  private func field(_ wire: WireMessage, path: [Int]) throws -> ProtoField {
    guard let number = wire.number(3), let kind = wire.number(5).flatMap(FieldKind.init),
      let label = wire.number(4).flatMap(FieldLabel.init)
    else { throw GeneratorError("\(file.string(1)): the field \(wire.string(1)) has no number, type or label") }
    let options = try wire.message(8)
    let isProto3Optional = wire.bool(17)
    return ProtoField(
      name: wire.string(1), number: number, kind: kind, label: label, typeName: String(wire.string(6).dropFirst()),
      oneofIndex: isProto3Optional ? nil : wire.number(9), isProto3Optional: isProto3Optional,
      jsonName: wire.string(10), behaviors: try options.numbers(API.fieldBehavior),
      reference: try options.messages(API.resourceReference).last.map { ($0.string(1), $0.string(2)) },
      comment: comments[path] ?? "")
  }

  private func enumeration(_ wire: WireMessage, in scope: String, path: [Int]) throws -> ProtoEnum {
    ProtoEnum(
      fullName: Self.join(scope, wire.string(1)), name: wire.string(1),
      values: try wire.messages(2).enumerated().map {
        ProtoEnum.Value(name: $1.string(1), number: $1.number(2) ?? 0, comment: comments[path + [2, $0]] ?? "")
      }, comment: comments[path] ?? "")
  }

  private func service(_ wire: WireMessage, path: [Int]) throws -> ProtoService {
    ProtoService(
      fullName: Self.join(package, wire.string(1)), name: wire.string(1),
      methods: try wire.messages(2).enumerated().map {
        ProtoMethod(
          name: $1.string(1), inputName: String($1.string(2).dropFirst()),
          outputName: String($1.string(3).dropFirst()), streamsRequests: $1.bool(5), streamsResponses: $1.bool(6),
          comment: comments[path + [2, $0]] ?? "")
      }, comment: comments[path] ?? "")
  }

  private static func resource(_ wire: WireMessage) -> ProtoResource {
    ProtoResource(
      type: wire.string(1), patterns: wire.strings(2), singular: wire.string(6), plural: wire.string(5))
  }

  /// Leading comments by the path of what they stand above, trailing ones where there is no leading one.
  private static func comments(of file: WireMessage) throws -> [[Int]: String] {
    var comments: [[Int]: String] = [:]
    for location in try file.message(9).messages(1) {
      let leading = location.string(3)
      comments[try location.numbers(1)] = leading.isEmpty ? location.string(4) : leading
    }
    return comments
  }

  private static func join(_ scope: String, _ name: String) -> String { scope.isEmpty ? name : "\(scope).\(name)" }
}
