import PlenaryAPI
import ProtobufRuntime
import Testing

@testable import plenary

struct KindCatalogTests {
  private let kinds = KindCatalog.registry

  @Test func `every kind that a bundle can hold is there, in the order of the exports`() {
    let inBundles = Record.descriptor.fields.map { $0.type.valueMessage?.descriptor.fullName }
    #expect(kinds.kinds.map { $0.descriptor.fullName } == inBundles)
  }

  @Test(arguments: ["working-group", "working-groups", "workingGroups", "WORKING_GROUP", "workinggroup"])
  func `a kind is meant by one or several, however they are written`(_ word: String) throws {
    #expect(try kinds.kind(word).message == WorkingGroup.self)
  }

  @Test func `an unknown kind gets a suggestion and the list of kinds`() {
    let failure = #expect(throws: Failure.self) { try kinds.kind("dialog") }
    #expect(failure?.status == .usage)
    #expect(
      failure?.text.hasPrefix("error: there is no kind 'dialog', did you mean 'dialogue'?\n  kinds: sources,") == true)
  }

  @Test(arguments: [
    (["dialogue", "asia-ict-ct-3"], "dialogues/asia-ict-ct-3"),
    (["dialogues", "dialogues/asia-ict-ct-3"], "dialogues/asia-ict-ct-3"),
    (["dialogues/asia-ict-ct-3"], "dialogues/asia-ict-ct-3"),
    (["working-group", "asia-ict-ct-3/wg-1"], "dialogues/asia-ict-ct-3/workingGroups/wg-1"),
  ])
  func `a record is named by kind and id, or by its whole name`(_ words: [String], _ name: String) throws {
    #expect(try kinds.record(words).name == name)
  }

  @Test(arguments: [
    (["dialogue", "themes/a"], "'themes/a' is the name of a record among the themes, not the dialogues"),
    (["dialogue", "a/b"], "'a/b' is no name among the dialogues, which are named dialogues/{dialogue}"),
    (["asia-ict-ct-3"], "'asia-ict-ct-3' is no whole name; write KIND NAME, or a name such as sources/{source}"),
    (["dialogue", "a", "b"], "'b' is too much; write KIND NAME, or a name such as sources/{source}"),
  ])
  func `what names no record is refused`(_ words: [String], _ message: String) {
    let failure = #expect(throws: Failure.self) { try kinds.record(words) }
    #expect(failure?.text == "error: " + message)
  }

  @Test func `a new record is placed by --in or by its whole name`() throws {
    let groups = try kinds.kind("working-groups")
    #expect(try kinds.newRecord("wg-4", in: "asia-3", of: groups) == ("dialogues/asia-3", "wg-4"))
    #expect(try kinds.newRecord("asia-3/wg-4", in: nil, of: groups) == ("dialogues/asia-3", "wg-4"))
    #expect(try kinds.newRecord("asia-3/wg-4", in: "asia-3", of: groups) == ("dialogues/asia-3", "wg-4"))
    #expect(throws: Failure.self) { try kinds.newRecord("asia-3/wg-4", in: "asia-2", of: groups) }
    #expect(throws: Failure(.usage, "a working group lies in another record", advice: "give --in PARENT")) {
      try kinds.newRecord("wg-4", in: nil, of: groups)
    }
    let themes = try kinds.kind("themes")
    #expect(try kinds.newRecord("a", in: nil, of: themes) == ("", "a"))
    #expect(throws: Failure.self) { try kinds.newRecord("a", in: "dialogues/b", of: themes) }
  }
}

struct ListColumnsTests {
  @Test(arguments: KindCatalog.registry.kinds.map(\.plural))
  func `columns show fields that the kind has`(_ plural: String) throws {
    let kind = try KindCatalog.registry.kind(plural)
    let columns = ListColumns(of: kind, language: "en", showsDeletion: true)
    for path in columns.paths { #expect(kind.descriptor.field(named: path) != nil, "\(plural) has no \(path)") }
    #expect(columns.columns.count == columns.cells(of: kind.message.init()).count)
    #expect(columns.columns.count >= 3, "a kind is listed with more than its names")
  }

  @Test func `a dialogue is listed with when and where it was`() throws {
    let dialogue = try #require(try Example.record("dialogues/asia-ict-ct-3", as: Dialogue.self))
    let kind = try KindCatalog.registry.kind("dialogues")
    #expect(
      ListColumns(of: kind, language: "en", showsDeletion: false).cells(of: dialogue) == [
        "dialogues/asia-ict-ct-3", "3", "7–8 November 2018", "Kuala Lumpur, MY", "concluded", "workshop",
        "Third ICT/counter-terrorism Asia Dialogue",
      ])
  }
}
