/// Reads XML, or HTML that is written like it, and fails where it is not well formed.
struct MarkupReader {
  /// An element with what stands in it.
  final class Element {
    let name: String
    let attributes: [String: String]
    var children: [Element] = []
    /// The text within it, that of its children included.
    var text = ""

    init(_ name: String, _ attributes: [String: String]) {
      self.name = name
      self.attributes = attributes
    }

    /// The element and all below it, in order.
    var all: [Element] { [self] + children.flatMap(\.all) }

    /// The elements below it with a name.
    func named(_ name: String) -> [Element] { all.filter { $0.name == name } }
  }

  struct Failure: Error {
    let what: String
  }

  /// The elements of HTML that never have an end.
  private static let void: Set<String> = ["meta", "br", "hr"]

  private let isPage: Bool
  private var rest: Substring
  private var open: [Element] = [Element("", [:])]

  /// The root of a document.
  static func root(_ text: String) throws -> Element {
    var reader = MarkupReader(isPage: text.hasPrefix("<!DOCTYPE html>"), rest: text[...])
    try reader.read()
    guard reader.open.count == 1 else { throw Failure(what: "<\(reader.open.last?.name ?? "")> is not closed") }
    return reader.open[0]
  }

  private mutating func read() throws {
    while let next = rest.firstIndex(of: "<") {
      try add(rest[..<next])
      rest = rest[next...]
      if rest.hasPrefix("<!DOCTYPE") || rest.hasPrefix("<?xml") {
        try skip(to: ">")
      } else if rest.hasPrefix("</") {
        rest.removeFirst(2)
        let name = try take(to: ">")
        guard open.count > 1, open.last?.name == name else { throw Failure(what: "</\(name)> closes nothing") }
        open.removeLast()
      } else {
        rest.removeFirst()
        try begin(try takeTag())
      }
    }
    try add(rest)
  }

  private mutating func begin(_ tag: String) throws {
    let isClosed = tag.hasSuffix("/")
    var rest = (isClosed ? tag.dropLast() : tag[...])
    let name = String(rest.prefix { $0 != " " })
    guard !name.isEmpty, name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber) }) else {
      throw Failure(what: "<\(tag)> is no tag")
    }
    rest = rest.dropFirst(name.count)
    var attributes: [String: String] = [:]
    while let start = rest.firstIndex(where: { $0 != " " }) {
      rest = rest[start...]
      guard let equals = rest.firstIndex(of: "="), rest[equals...].hasPrefix("=\"") else {
        throw Failure(what: "<\(tag)> has an attribute without a quoted value")
      }
      let key = String(rest[..<equals])
      rest = rest[equals...].dropFirst(2)
      guard let end = rest.firstIndex(of: "\""), attributes[key] == nil,
        key.allSatisfy({ $0.isLetter || "-:".contains($0) })
      else { throw Failure(what: "<\(tag)> has the attribute \(key) twice, or it has no end") }
      attributes[key] = try Self.unescaped(rest[..<end])
      rest = rest[end...].dropFirst()
    }
    let element = Element(name, attributes)
    open[open.count - 1].children.append(element)
    guard !isClosed, !(isPage && Self.void.contains(name)) else { return }
    open.append(element)
    if name == "style" {
      let style = try take(to: "</style>")
      element.text = style
      open.removeLast()
    }
  }

  private mutating func add(_ raw: Substring) throws {
    let text = try Self.unescaped(raw)
    for element in open { element.text += text }
  }

  /// What stands between `<` and the `>` that ends the tag; `<` in it is a mistake.
  private mutating func takeTag() throws -> String {
    let tag = try take(to: ">")
    guard !tag.contains("<") else { throw Failure(what: "< in <\(tag)>") }
    return tag
  }

  private mutating func take(to end: String) throws -> String {
    guard let range = rest.firstRange(of: end) else { throw Failure(what: "no \(end)") }
    let taken = String(rest[..<range.lowerBound])
    rest = rest[range.upperBound...]
    return taken
  }

  private mutating func skip(to end: String) throws { _ = try take(to: end) }

  private static let entities = ["amp": "&", "lt": "<", "gt": ">", "quot": "\"", "#39": "'"]

  private static func unescaped(_ raw: Substring) throws -> String {
    var text = ""
    var rest = raw
    while let next = rest.firstIndex(of: "&") {
      text += rest[..<next]
      rest = rest[next...].dropFirst()
      guard let end = rest.firstIndex(of: ";"), let known = entities[String(rest[..<end])] else {
        throw Failure(what: "& without an entity")
      }
      text += known
      rest = rest[end...].dropFirst()
    }
    let whole = text + rest
    guard !whole.unicodeScalars.contains(where: { $0.value < 0x20 && $0 != "\n" }) else {
      throw Failure(what: "a control character")
    }
    return whole
  }
}
