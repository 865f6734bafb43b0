import GRPCRuntime
import Testing

@Suite struct PercentEncodingTests {
  @Test(arguments: [
    ("plain text", "plain text"),
    ("", ""),
    ("100%", "100%25"),
    ("a\nb\r", "a%0Ab%0D"),
    ("\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n", special),
    ("~\u{7F}", "~%7F"),
  ])
  func `a message crosses the wire and comes back`(text: String, wire: String) {
    #expect(PercentEncoding.encode(text) == wire)
    #expect(PercentEncoding.decode(wire) == text)
  }

  @Test(arguments: [("%", "%"), ("50%", "50%"), ("%4", "%4"), ("%zz", "%zz"), ("%e2%98%ba", "☺"), ("%FF", "\u{FFFD}")])
  func `a peer's broken message is read as far as it can be`(wire: String, text: String) {
    #expect(PercentEncoding.decode(wire) == text)
  }
}

/// The message of gRPC's interop case special_status_message, encoded.
private let special =
  "%09%0Atest with whitespace%0D%0Aand Unicode BMP %E2%98%BA and non-BMP %F0%9F%98%88%09%0A"
