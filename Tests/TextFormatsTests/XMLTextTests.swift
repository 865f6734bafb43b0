import Foundation
import FoundationXML
import TextFormats
import Testing

struct XMLTextTests {
  @Test func `elements stand on lines of their own, and text is left alone`() {
    var xml = XMLText()
    xml.declaration()
    xml.comment("TLP:GREEN -- a--b-")
    xml.start("a", [("x", "1 < 2 & \"3\"\n")])
    xml.element("b", "t & <u>")
    xml.empty("c", [])
    xml.start("p", inline: true)
    xml.text("one ")
    xml.element("i", "two")
    xml.text(" three")
    xml.end()
    xml.end()
    let expected = """
      <?xml version="1.0" encoding="UTF-8"?>
      <!-- TLP:GREEN - - a- -b- -->
      <a x="1 &lt; 2 &amp; &quot;3&quot;&#10;">
        <b>t &amp; &lt;u&gt;</b>
        <c/>
        <p>one <i>two</i> three</p>
      </a>

      """
    #expect(String(decoding: xml.take(), as: UTF8.self) == expected)
    #expect(xml.bytes.isEmpty)
  }

  @Test func `whatever a text holds, a reader gets back what XML can hold of it`() throws {
    for text in RandomText(count: 1000) {
      var xml = XMLText()
      xml.declaration()
      xml.comment(text)
      xml.start("root", [("attribute", text)])
      xml.element("text", text)
      xml.end()
      let reader = Reader()
      let parser = XMLParser(data: Data(xml.bytes))
      parser.delegate = reader
      #expect(parser.parse(), "\(String(describing: parser.parserError))")
      let expected = text.unicodeScalars.map { XMLText.isAllowed($0) ? $0 : "\u{FFFD}" }
      #expect(Array(reader.text.unicodeScalars) == expected)
      #expect(reader.attribute.map { Array($0.unicodeScalars) } == expected)
    }
  }

  /// What a document holds.
  private final class Reader: NSObject, XMLParserDelegate {
    var text = ""
    var attribute: String?
    private var isInText = false

    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
      attributes: [String: String]
    ) {
      if let value = attributes["attribute"] { attribute = value }
      isInText = name == "text"
    }

    func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
      isInText = false
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) {
      if isInText { text += string }
    }
  }
}

extension XMLText {
  fileprivate mutating func element(_ name: String, _ text: String) { element(name, [], text) }
}
