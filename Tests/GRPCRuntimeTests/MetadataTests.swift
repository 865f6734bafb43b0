import GRPCRuntime
import Testing

@Suite struct MetadataTests {
  @Test func `values of a name keep their order`() throws {
    var metadata = Metadata()
    try metadata.append("1", for: "a")
    try metadata.append("x", for: "b")
    try metadata.append("2", for: "A")
    #expect(metadata["a"] == [.text("1"), .text("2")])
    #expect(metadata.text("a") == "1")
    #expect(metadata.map(\.name) == ["a", "b", "a"])
  }

  @Test func `bytes go under names that end in -bin, and only there`() throws {
    var metadata = Metadata()
    try metadata.append([0xFF, 0], for: "key-bin")
    #expect(metadata.bytes("key-bin") == [0xFF, 0])
    #expect(metadata.first?.wireValue == "/wA")
    #expect(metadata.refusal(of: "text", for: "key-bin") == .internal)
    #expect(metadata.refusal(of: [1], for: "key") == .internal)
    #expect(metadata.count == 1)
  }

  @Test(arguments: [
    "", "a b", "a:b", ":path", "naïve", "a\n", "grpc-status", "GRPC-Status", "content-type", "te", "host", "connection",
    "content-length", "transfer-encoding",
  ])
  func `a name that cannot or may not cross the wire is refused`(name: String) {
    var metadata = Metadata()
    #expect(metadata.refusal(of: "x", for: name) == .internal)
    #expect(metadata.isEmpty)
  }

  @Test(arguments: ["a\r\nset-cookie: x", "\n", "\u{0}", "é", "\u{7F}"])
  func `a value with anything but printable ASCII is refused`(value: String) {
    var metadata = Metadata()
    #expect(metadata.refusal(of: value, for: "a") == .internal)
  }

  @Test func `white space around a value is dropped`() throws {
    var metadata = Metadata()
    try metadata.append("  a b  ", for: "k")
    #expect(metadata.text("k") == "a b")
  }

  @Test func `received bytes are split at commas before they are decoded`() throws {
    var metadata = Metadata()
    try metadata.receive(name: "key-bin", value: "AQ==,Ag, Aw")
    #expect(metadata["key-bin"] == [.bytes([1]), .bytes([2]), .bytes([3])])
  }

  @Test func `received text is kept whatever it is`() throws {
    var metadata = Metadata()
    try metadata.receive(name: "k", value: "a, b\u{FFFD}")
    #expect(metadata.text("k") == "a, b\u{FFFD}")
  }

  @Test func `received bytes that are not Base64 are an error`() {
    var metadata = Metadata()
    #expect(metadata.refusalReceiving("A", for: "key-bin") == .internal)
  }
}

extension Metadata {
  fileprivate mutating func refusal(of text: String, for name: String) -> GRPCStatus.Code? {
    do throws(GRPCStatus) {
      try append(text, for: name)
      return nil
    } catch {
      return error.code
    }
  }

  fileprivate mutating func refusal(of bytes: [UInt8], for name: String) -> GRPCStatus.Code? {
    do throws(GRPCStatus) {
      try append(bytes, for: name)
      return nil
    } catch {
      return error.code
    }
  }

  fileprivate mutating func refusalReceiving(_ value: String, for name: String) -> GRPCStatus.Code? {
    do throws(GRPCStatus) {
      try receive(name: name, value: value)
      return nil
    } catch {
      return error.code
    }
  }
}
