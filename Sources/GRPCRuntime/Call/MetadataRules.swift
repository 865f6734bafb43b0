/// What may stand in metadata.
///
/// gRPC PROTOCOL-HTTP2, "Requests": Header-Name is `0-9 a-z _ - .`, ASCII-Value is 0x20...0x7E, and names beginning
/// with `grpc-` belong to gRPC. The names HTTP and gRPC give a meaning of their own are refused as well.
package enum MetadataRules {
  /// Names that are part of the call itself; a user's metadata neither sets nor sees them.
  private static let reserved: Set<String> = [
    "connection", "content-length", "content-type", "host", "keep-alive", "proxy-connection", "te",
    "transfer-encoding", "upgrade",
  ]

  /// Whether a name's values are bytes.
  package static func carriesBytes(_ name: String) -> Bool {
    name.utf8.count >= 4 && name.hasSuffix("-bin")
  }

  /// Whether a header a peer sent is part of the user's metadata.
  package static func isMetadata(_ name: String) -> Bool {
    !name.hasPrefix(":") && !isReserved(name)
  }

  static func outgoingName(_ name: String, carriesBytes: Bool) throws(GRPCStatus) -> String {
    let name = name.utf8.contains { (0x41...0x5A).contains($0) } ? name.lowercased() : name
    guard !name.isEmpty, name.utf8.allSatisfy(isNameByte) else {
      throw GRPCStatus(.internal, "metadata name \"\(name)\" has characters other than 0-9 a-z _ - .")
    }
    guard !isReserved(name) else {
      throw GRPCStatus(.internal, "metadata name \"\(name)\" is reserved")
    }
    guard Self.carriesBytes(name) == carriesBytes else {
      throw GRPCStatus(.internal, "metadata name \"\(name)\": only names ending in -bin carry bytes")
    }
    return name
  }

  static func outgoingText(_ text: String, name: String) throws(GRPCStatus) -> String {
    guard text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else {
      throw GRPCStatus(.internal, "metadata \(name) has characters outside printable ASCII; use a name ending in -bin")
    }
    // RFC 9113 §8.2.1: a field value must not begin or end with white space. gRPC lets it be stripped.
    guard text.utf8.first == 0x20 || text.utf8.last == 0x20 else { return text }
    var trimmed = text[...]
    while trimmed.first == " " { trimmed.removeFirst() }
    while trimmed.last == " " { trimmed.removeLast() }
    return String(trimmed)
  }

  private static func isReserved(_ name: String) -> Bool {
    name.hasPrefix("grpc-") || reserved.contains(name)
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"): true
    case UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."): true
    default: false
    }
  }
}
