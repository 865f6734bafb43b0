import GoogleAPI
import PlenaryAPI
import ProtobufRuntime
import TestProtos
import Testing

@Suite struct DescriptorSetTests {
  @Test func `a module carries the descriptors of its protos and of all they import`() throws {
    let files = PlenaryAPIProtoFiles.descriptors.files
    let dialogue = try #require(files.first { $0.name == "plenary/v1/dialogue.proto" })
    #expect(dialogue.package == "plenary.v1")
    #expect(dialogue.symbols.contains("plenary.v1.Dialogue.Location"))
    #expect(dialogue.symbols.contains("plenary.v1.DialogueService.GetDialogue"))
    var known: Set<String> = []
    for file in files {
      #expect(known.isSuperset(of: file.dependencies), "\(file.name) comes after what it imports")
      known.insert(file.name)
    }
    #expect(known.isSuperset(of: ["google/api/http.proto", "google/protobuf/descriptor.proto"]))
  }

  @Test func `extensions are found by the message they extend`() throws {
    let files = PlenaryAPIProtoFiles.descriptors.files
    let resource = try #require(files.first { $0.name == "google/api/resource.proto" })
    #expect(
      resource.extensions.contains {
        $0.extendedMessage == "google.protobuf.MessageOptions" && $0.number == 1053
      })
  }

  @Test func `descriptors are those of the published protos, without our rewriting for C`() throws {
    let file = try #require(PlenaryAPIProtoFiles.descriptors.files.first { $0.name == "plenary/v1/dialogue.proto" })
    #expect(!file.dependencies.contains("protobuf-c/protobuf-c.proto"))
    #expect(file.dependencies.contains("google/api/resource.proto"))
  }

  @Test(arguments: [
    GoogleAPIProtoFiles.messageTypes, PlenaryAPIProtoFiles.messageTypes, TestProtoFiles.messageTypes,
  ])
  func `every message type has a descriptor whose fields it gives and takes`(
    _ types: [any ProtobufMessage.Type]
  ) throws {
    for type in types {
      var message = type.init()
      for field in type.descriptor.fields {
        #expect(message.value(ofField: field.number) == nil, "\(type.descriptor.fullName).\(field.name)")
        try message.setValue(nil, ofField: field.number)
      }
      #expect(try message.serializedBytes() == [])
    }
  }
}
