import TextFormats
import Testing

struct TurtleTextTests {
  @Test func `literals and addresses are escaped`() {
    #expect(TurtleText.literal("a\"b\\c\nd\u{1}", language: "ar") == "\"a\\\"b\\\\c\\nd\\u0001\"@ar")
    #expect(TurtleText.literal("技") == "\"技\"")
    #expect(TurtleText.iri("http://a/b c>\"{}|^`\\") == "<http://a/b%20c%3E%22%7B%7D%7C%5E%60%5C>")
  }

  @Test func `whatever a text holds, it comes back`() {
    for text in RandomText(count: 1000) {
      let literal = TurtleText.literal(text).unicodeScalars.dropFirst().dropLast()
      #expect(Self.read(Array(literal)) == Array(text.unicodeScalars))
      // RDF 1.1 Turtle §6.5, STRING_LITERAL_QUOTE: what may not stand in it as it is.
      #expect(!literal.contains("\n") && !literal.contains("\r"))
    }
  }

  private static func read(_ literal: [Unicode.Scalar]) -> [Unicode.Scalar] {
    let short: [Unicode.Scalar: Unicode.Scalar] = ["n": "\n", "r": "\r", "t": "\t", "\"": "\"", "\\": "\\"]
    var read: [Unicode.Scalar] = []
    var rest = literal[...]
    while let scalar = rest.popFirst() {
      guard scalar == "\\", let next = rest.popFirst() else {
        read.append(scalar)
        continue
      }
      if let escaped = short[next] {
        read.append(escaped)
      } else {
        let digits = String(String.UnicodeScalarView(rest.prefix(4)))
        rest.removeFirst(4)
        if let value = UInt32(digits, radix: 16), let scalar = Unicode.Scalar(value) { read.append(scalar) }
      }
    }
    return read
  }
}
