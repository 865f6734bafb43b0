/// A list of header fields in the order of the wire, written in scripts as a dictionary literal.
package struct HeaderFields: Hashable, Sendable, ExpressibleByDictionaryLiteral, CustomStringConvertible {
  package struct Field: Hashable, Sendable {
    package let name: String
    package let value: String
  }

  package var fields: [Field]

  package init(_ fields: [Field] = []) {
    self.fields = fields
  }

  package init(dictionaryLiteral elements: (String, String)...) {
    fields = elements.map { Field(name: $0, value: $1) }
  }

  /// A POST request as gRPC makes it.
  package static func request(path: String = "/kit.v1.Echo/Say") -> HeaderFields {
    [
      ":method": "POST", ":scheme": "http", ":path": path, ":authority": "test", "content-type": "application/grpc",
      "te": "trailers",
    ]
  }

  package static func + (left: HeaderFields, right: HeaderFields) -> HeaderFields {
    HeaderFields(left.fields + right.fields)
  }

  /// The size of the list as RFC 9113 §6.5.2 counts it.
  package var listBytes: Int {
    fields.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count + 32 }
  }

  package var description: String {
    "[" + fields.map { "\($0.name): \($0.value)" }.joined(separator: ", ") + "]"
  }
}
