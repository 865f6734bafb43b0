import PlenaryAPI
import Testing

@testable import PlenaryRenderings

/// The document of Akoma Ntoso has the structure that its schema asks for.
@Suite struct AkomaNtosoTests {
  private static func root(_ language: String = "en") throws -> MarkupReader.Element {
    let content = SampleContent.full(languages: ["en", "ar"])
    let text = try ReportRenderer(content, SampleContent.imprint, language: language).text(.akomaNtoso)
    return try MarkupReader.root(text).children[0]
  }

  @Test func `a document has its namespace, and its parts in their order`() throws {
    let root = try Self.root()
    #expect(root.name == "akomaNtoso")
    #expect(root.attributes["xmlns"] == "http://docs.oasis-open.org/legaldocml/ns/akn/3.0")
    let doc = root.children[0]
    #expect(doc.name == "doc" && doc.attributes["name"] == "outcomesReport")
    #expect(doc.children.map(\.name) == ["meta", "preface", "mainBody", "conclusions"])
    #expect(doc.children[0].children.map(\.name) == ["identification", "references"])
  }

  @Test(arguments: [("en", "eng"), ("ar", "ara")]) func `the work, its expression and its manifestation are identified`(
    _ language: String, _ code: String
  ) throws {
    let identification = try Self.root(language).named("identification")[0]
    #expect(identification.attributes["source"] == "#plenary")
    #expect(identification.children.map(\.name) == ["FRBRWork", "FRBRExpression", "FRBRManifestation"])
    let required = ["FRBRthis", "FRBRuri", "FRBRdate", "FRBRauthor"]
    for (level, last) in zip(identification.children, ["FRBRcountry", "FRBRlanguage", "FRBRformat"]) {
      #expect(level.children.map(\.name) == required + [last])
      #expect(level.children[2].attributes["date"] == "2018-11-08" && level.children[2].attributes["name"] != nil)
    }
    #expect(identification.named("FRBRlanguage")[0].attributes["language"] == code)
    let uris = identification.named("FRBRuri").compactMap { $0.attributes["value"] }
    #expect(uris[0] == "/akn/un/doc/outcomesReport/2018-11-08/r1" && uris[1].hasPrefix(uris[0] + "/\(code)@"))
    let ids = Set(try Self.root().all.compactMap { $0.attributes["eId"] })
    for author in identification.named("FRBRauthor") {
      #expect(ids.contains(String(author.attributes["href"]?.dropFirst() ?? "")))
    }
  }

  @Test func `ids are there once, and each part has a heading and either content or parts of its own`() throws {
    let root = try Self.root()
    let ids = root.all.compactMap { $0.attributes["eId"] }
    #expect(Set(ids).count == ids.count && ids.count > 20)
    #expect(root.all.allSatisfy { $0.attributes["id"] == nil })
    let parts: Set = ["part", "chapter", "section", "subsection"]
    for part in root.all where parts.contains(part.name) {
      #expect(part.attributes["eId"]?.isEmpty == false)
      let names = part.children.map(\.name)
      #expect(names.contains("heading"))
      let rest = names.drop { $0 == "num" || $0 == "heading" }
      let isLeaf = Array(rest) == ["content"]
      #expect(isLeaf || rest.drop { $0 == "intro" }.allSatisfy(parts.contains) && !rest.isEmpty, "\(names)")
    }
    for reference in root.named("ref") where reference.attributes["href"]?.hasPrefix("#") == true {
      #expect(ids.contains(String(reference.attributes["href"]?.dropFirst() ?? "")))
    }
    // What holds text is inline or a block of its kind.
    for list in root.named("ul") { #expect(list.children.allSatisfy { $0.name == "li" } && !list.children.isEmpty) }
    for table in root.named("table") {
      #expect(table.children.first?.name == "caption" && table.children.dropFirst().allSatisfy { $0.name == "tr" })
    }
  }
}
