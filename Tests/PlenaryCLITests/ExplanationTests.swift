import Foundation
import ProtobufRuntime
import Testing

@testable import plenary

struct ExplanationTests {
  @Test func `a kind is explained with its fields`() async {
    let run = await CapturedRun(["explain", "dialogues"])
    #expect(run.status == .ok)
    let lines = run.output.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.first == "dialogue")
    #expect(run.output.contains("dialogues/{dialogue}") && run.output.contains("plenary.registry/Dialogue"))
    #expect(run.output.contains("name of a series"))
    #expect(run.output.contains("text, identifier"))
  }

  @Test func `a field is explained with its type, its behaviour and its values`() async throws {
    let run = await CapturedRun(["explain", "partnership.participants.role"])
    #expect(run.output.contains("value of Role") && run.output.contains("required"))
    #expect(run.output.contains("\nvalues\n") && run.output.contains("CO_ORGANIZER"))
    #expect(!run.output.contains("ROLE_UNSPECIFIED"))
    let names = await CapturedRun(["explain", "dialogue.format", "--output", "name"])
    #expect(names.output.hasPrefix("WORKSHOP\nCONFERENCE\n"))
    let localized = await CapturedRun(["explain", "dialogue.title.origins"])
    #expect(localized.output.contains("map from text to value of Origin") && localized.output.contains("MACHINE"))
    let immutable = await CapturedRun(["explain", "partnership.subject"])
    #expect(immutable.output.contains("immutable"))
    let output = await CapturedRun(["explain", "dialogue.create_time"])
    #expect(output.output.contains("set by the registry"))
  }

  @Test func `every field and value that can be explained has a comment`() throws {
    func check(_ path: String, depth: Int) throws {
      let explanation = try Explanation(path)
      #expect(!explanation.comment.isEmpty, "\(path)")
      #expect(!explanation.comment.contains("]["), "\(path)")
      for part in explanation.parts {
        #expect(!part.comment.isEmpty, "\(path).\(part.name)")
        if explanation.partsTitle == "fields", depth > 0 { try check("\(path).\(part.name)", depth: depth - 1) }
      }
    }
    // Deeper lie only the messages of others, whose protos are not ours to comment.
    for kind in KindCatalog.registry.kinds {
      for field in kind.descriptor.fields {
        let type = field.type.valueMessage?.descriptor.fullName ?? "plenary."
        if type.hasPrefix("plenary.") { try check("\(kind.singular).\(field.name)", depth: 0) }
      }
    }
  }

  @Test func `programs get the explanation as JSON`() async throws {
    let run = await CapturedRun(["explain", "theme.broader", "--output", "json"])
    let object = try #require(JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
    #expect(object["path"] as? String == "theme.broader")
    #expect(object["type"] as? String == "list, each a name of a theme")
    #expect((object["comment"] as? String)?.isEmpty == false)
  }
}
