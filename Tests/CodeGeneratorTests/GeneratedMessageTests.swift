import GRPCRuntime
import GoldenProtos
import GoogleAPI
import ProtobufRuntime
import Testing

/// The goldens, called: a field of every kind goes over the wire and through ProtoJSON.
@Suite struct GeneratedMessageTests {
  @Test(arguments: GoldenSamples.all)
  func `a field of every kind survives the wire and ProtoJSON`(_ message: GoldenEverything) throws {
    let bytes = try message.serializedBytes()
    let decoded = try GoldenEverything(serializedBytes: bytes)
    #expect(decoded == message)
    #expect(try decoded.serializedBytes() == bytes)
    let json = try ProtoJSON.encode(message, options: .pretty)
    let parsed: GoldenEverything = try ProtoJSON.decode(from: json)
    #expect(parsed == message)
    #expect(try parsed.serializedBytes() == bytes)
  }

  @Test(arguments: GoldenSamples.all)
  func `generic code gives and takes every field`(_ message: GoldenEverything) throws {
    let copy = try #require(Self.copy(message) as? GoldenEverything)
    #expect(copy == message)
  }

  @Test func `each message type is in the module's list, nested ones too`() {
    let names = Set(GoldenProtoFiles.messageTypes.map { $0.descriptor.fullName })
    #expect(names.isSuperset(of: ["golden.v1.Scalars", "golden.v1.Tree.Leaf", "golden.v1.Names.Type"]))
    #expect(!names.contains("golden.v1.Maps.TextsEntry"))
    #expect(Set(GoldenProtoFiles.descriptors.files.map(\.name)).contains("golden/v1/shapes.proto"))
  }

  @Test func `comments are found by the names of what they are about`() {
    let comments = GoldenProtoFiles.comments
    #expect(comments["golden.v1.Scalars"] == "One field of each scalar type, without presence.")
    #expect(comments["golden.v1.Color.COLOR_UNSPECIFIED"] == "No color is given.")
    #expect(comments["golden.v1.Maps.TextsEntry"] == nil && comments["golden.v1.Nowhere"] == nil)
  }

  @Test func `an enum keeps what it does not know, and has two names for one number`() throws {
    #expect(GoldenColor.red == .crimson)
    #expect(GoldenColor.crimson.name == "RED")
    #expect(GoldenColor(name: "CRIMSON") == .red)
    #expect(GoldenColor.black.rawValue == -1)
    let unknown = GoldenScalars.with { $0.colorValue = GoldenColor(rawValue: 77) }
    #expect(unknown.colorValue.name == nil)
    #expect(try GoldenScalars(serializedBytes: unknown.serializedBytes()) == unknown)
    #expect(GoldenNames.Word.defaultValue == .unspecified)
    #expect(GoldenNames.Word.defaultValue_.name == "DEFAULT_VALUE")
  }

  @Test func `setting one member of a oneof unsets the others`() throws {
    var choice = GoldenChoice.with { $0.pick = .number(0) }
    #expect(choice.value(ofField: 1) == .int32(0))
    try choice.setValue(.string("t"), ofField: 2)
    #expect(choice.pick == .text("t"))
    try choice.setValue(nil, ofField: 1)
    #expect(choice.pick == .text("t"), "clearing a member that is not set leaves the one that is")
    try choice.setValue(nil, ofField: 2)
    #expect(choice.pick == nil)
  }

  @Test func `a recursive message is a value: changing a copy leaves the original`() {
    let tree = GoldenTree.with { $0.left = GoldenTree.with { $0.height = 1 } }
    var copy = tree
    copy.left?.height = 2
    #expect(tree.left?.height == 1)
    #expect(copy.left?.height == 2)
  }

  @Test func `descriptors tell what the proto says`() throws {
    let shelf = GoldenShelf.descriptor
    #expect(shelf.resource?.type == "golden.example/Shelf")
    #expect(shelf.resource?.patterns == ["libraries/{library}/shelves/{shelf}"])
    #expect(shelf.field(named: "theme")?.behaviors == [.required, .immutable])
    #expect(shelf.field(named: "librarian")?.resourceReference == .to("golden.example/Person"))
    #expect(GoldenEverything.descriptor.field(named: "first")?.jsonName == "erstes")
    #expect(GoldenChoice.descriptor.field(named: "text")?.oneof == "pick")
    #expect(GoldenOptionals.descriptor.field(named: "int32_value")?.cardinality == .optional)
    #expect(GoldenOptionals.descriptor.field(named: "int32_value")?.oneof == nil)
  }

  @Test func `the standard methods' messages are reached by their roles`() {
    var create = GoldenCreateShelfRequest()
    Self.fill(&create, GoldenShelf.with { $0.theme = "poems" })
    #expect(create.shelf?.theme == "poems")
    #expect(create.shelfID == "new")
    #expect(create.parent == "libraries/l")
    #expect(GoldenListShelvesResponse.with { $0.shelves = [GoldenShelf()] }.resources.count == 1)
    #expect(GoldenShelfServiceDefinition.list.path == "/golden.v1.ShelfService/ListShelves")
    #expect(GoldenShelfServiceDefinition.delete.path == GoldenShelfServiceDefinition.deleteShelf.path)
    #expect(GoldenShelfServiceDefinition.transitions.map { $0.verb } == ["Close"])
    #expect(GoldenShelfServiceDefinition.closeShelf.descriptor.path == "/golden.v1.ShelfService/CloseShelf")
  }

  private static func fill<Request: CreateRequestMessage>(_ request: inout Request, _ resource: Request.Resource) {
    request.parent = "libraries/l"
    request.resource = resource
    request.resourceID = "new"
  }

  /// A message made anew from what `value(ofField:)` tells of each field.
  private static func copy(_ message: any ProtobufMessage) throws -> any ProtobufMessage {
    var copy = type(of: message).init()
    for field in type(of: message).descriptor.fields {
      try copy.setValue(message.value(ofField: field.number).map(Self.copy), ofField: field.number)
    }
    return copy
  }

  private static func copy(_ value: FieldValue) throws -> FieldValue {
    switch value {
    case .message(let message): .message(try copy(message))
    case .list(let elements): .list(try elements.map(copy))
    case .map(let entries): .map(try entries.map { FieldMapEntry(key: $0.key, value: try copy($0.value)) })
    default: value
    }
  }
}
