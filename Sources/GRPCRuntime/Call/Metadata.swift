package import HTTP2
internal import ProtobufRuntime

/// The headers or trailers of a call that belong to its user: an ordered list of names and values.
///
/// A name may occur several times; its values keep their order. Names ending in `-bin` carry bytes, all others carry
/// printable ASCII. What is added here is checked at once, so a value that could not cross the wire never gets in.
public struct Metadata: Sendable, Hashable {
  /// A value: text, or bytes when the name ends in `-bin`.
  public enum Value: Sendable, Hashable {
    /// Printable ASCII; from a peer, whatever HTTP/2 lets pass.
    case text(String)
    /// Any bytes.
    case bytes([UInt8])
  }

  /// One name with one value.
  public struct Element: Sendable, Hashable {
    /// The name, lower case.
    public let name: String
    /// The value.
    public let value: Value
  }

  private var elements: [Element] = []

  /// Makes empty metadata.
  public init() {}

  /// Adds a text value.
  ///
  /// Throws `INTERNAL` when the name or the value cannot stand in metadata: a reserved name, a name ending in `-bin`,
  /// characters outside printable ASCII.
  public mutating func append(_ text: String, for name: String) throws(GRPCStatus) {
    let name = try MetadataRules.outgoingName(name, carriesBytes: false)
    elements.append(Element(name: name, value: .text(try MetadataRules.outgoingText(text, name: name))))
  }

  /// Adds bytes under a name that ends in `-bin`.
  ///
  /// Throws `INTERNAL` when the name is reserved, does not end in `-bin` or has characters metadata cannot have.
  public mutating func append(_ bytes: [UInt8], for name: String) throws(GRPCStatus) {
    let name = try MetadataRules.outgoingName(name, carriesBytes: true)
    elements.append(Element(name: name, value: .bytes(bytes)))
  }

  /// Adds everything of `other`, after what is here.
  public mutating func append(contentsOf other: Metadata) {
    elements.append(contentsOf: other.elements)
  }

  /// Removes every value of a name.
  public mutating func removeAll(_ name: String) {
    elements.removeAll { $0.name == name }
  }

  /// The values of a name, in order.
  public subscript(name: String) -> [Value] {
    elements.filter { $0.name == name }.map(\.value)
  }

  /// How many values a name has.
  package func count(of name: String) -> Int {
    var count = 0
    for element in elements where element.name == name { count += 1 }
    return count
  }

  /// The first text value of a name.
  public func text(_ name: String) -> String? {
    for element in elements where element.name == name {
      if case .text(let text) = element.value { return text }
    }
    return nil
  }

  /// The first bytes value of a name.
  public func bytes(_ name: String) -> [UInt8]? {
    for element in elements where element.name == name {
      if case .bytes(let bytes) = element.value { return bytes }
    }
    return nil
  }

  /// Adds a header that belongs to gRPC itself.
  package mutating func appendReserved(_ text: String, for name: String) {
    elements.append(Element(name: name, value: .text(text)))
  }

  /// Takes a header as a peer sent it.
  ///
  /// Throws `INTERNAL` when a `-bin` value is not Base64.
  package mutating func receive(name: String, value: String) throws(GRPCStatus) {
    guard MetadataRules.carriesBytes(name) else {
      elements.append(Element(name: name, value: .text(value)))
      return
    }
    // gRPC PROTOCOL-HTTP2, "Requests": a peer or proxy may join `-bin` values with commas, so split before decoding.
    for part in value.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
      guard let bytes = Base64.decode(part.trimmingSpaces) else {
        throw GRPCStatus(.internal, "metadata \(name) is not Base64", origin: .transport)
      }
      elements.append(Element(name: name, value: .bytes(bytes)))
    }
  }

  /// The metadata in a header list of a peer: everything that is not part of the call itself.
  ///
  /// Throws `INTERNAL` when a `-bin` value is not Base64.
  package init(receiving block: borrowing HTTP2HeaderBlock) throws(GRPCStatus) {
    for index in 0..<block.count {
      switch block.token(at: index) {
      case .userAgent:
        elements.append(Element(name: "user-agent", value: .text(block.value(at: index))))
      case .other:
        let name = block.name(at: index)
        if MetadataRules.isMetadata(name) { try receive(name: name, value: block.value(at: index)) }
      default:
        continue
      }
    }
  }
}

extension Metadata: RandomAccessCollection {
  /// The position of the first element.
  public var startIndex: Int { elements.startIndex }

  /// The position past the last element.
  public var endIndex: Int { elements.endIndex }

  /// The element at a position.
  public subscript(position: Int) -> Element { elements[position] }
}

extension Metadata.Element {
  /// The value as it stands in the header.
  package var wireValue: String {
    switch value {
    case .text(let text): text
    case .bytes(let bytes): Base64.encode(bytes, padded: false)
    }
  }
}

extension Substring.UTF8View {
  /// Without the spaces around it, which belong to the comma.
  fileprivate var trimmingSpaces: Substring.UTF8View {
    var text = self
    while text.first == UInt8(ascii: " ") { text.removeFirst() }
    while text.last == UInt8(ascii: " ") { text.removeLast() }
    return text
  }
}
