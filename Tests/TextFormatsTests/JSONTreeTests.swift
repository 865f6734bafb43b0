import Foundation
import TextFormats
import Testing

struct JSONTreeTests {
  @Test func `members stand in the order they are given in, one a line`() {
    let tree = JSONTree.members([
      "b": .string("x"), "none": nil, "a": .array([.number("1"), .bool(true)]), "empty": .array([]), "o": .object([]),
    ])
    let expected = """
      {
        "b": "x",
        "a": [
          1,
          true
        ],
        "empty": [],
        "o": {}
      }
      """
    #expect(String(decoding: tree.bytes(), as: UTF8.self) == expected)
    #expect(tree.line == #"{"b":"x","a":[1,true],"empty":[],"o":{}}"#)
  }

  @Test func `what is missing or alone is written as such`() {
    #expect(JSONTree.text("") == nil && JSONTree.list([]) == nil && JSONTree.oneOrMore([]) == nil)
    #expect(JSONTree.oneOrMore([.bool(true)]) == .bool(true))
    #expect(JSONTree.oneOrMore([.bool(true), .bool(false)]) == .array([.bool(true), .bool(false)]))
  }

  @Test func `whatever a text holds, a reader gets it back`() throws {
    for text in RandomText(count: 2000) {
      for bytes in [
        JSONTree.members(["t": .string(text)]).bytes(), Array(JSONTree.object([.init("t", .string(text))]).line.utf8),
      ] {
        let read = try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: String])
        // The scalars, since texts that are equal to people may differ.
        #expect(read["t"].map { Array($0.unicodeScalars) } == Array(text.unicodeScalars))
      }
    }
  }
}
