internal import PlenaryAPI
internal import ProtobufRuntime

/// What a citation may speak of: a field that the kind has, and an entry of a list that the record has.
enum CitationRules {
  /// Where a citation names its source.
  static let sourcePath = "citations.source"

  /// Checks the citations of a record.
  static func check(_ record: any ProtobufMessage, _ findings: inout Findings) {
    guard case .list(let citations)? = record.value(ofField: HeaderField.citations) else { return }
    for (index, citation) in citations.enumerated() {
      guard let citation = Citation(citation), !citation.fieldPath.isEmpty else { continue }
      let names = citation.fieldPath.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
      guard !leads(names[...], from: record) else { continue }
      findings.add(
        "citations.\(index).field_path", .citationInvalid,
        "the record has no field or entry `\(citation.fieldPath.clipped)`",
        metadata: ["value": citation.fieldPath.clipped])
    }
  }

  /// Whether the names lead to a field of the message. Entries of lists are named by their places, and must be there;
  /// other fields need not be set, since a source may also be cited for leaving something open.
  private static func leads(_ names: ArraySlice<String>, from message: any ProtobufMessage) -> Bool {
    guard let name = names.first, let field = type(of: message).descriptor.field(named: name) else { return false }
    var rest = names.dropFirst()
    guard !rest.isEmpty else { return true }
    var value = message.value(ofField: field.number)
    if field.isMap { return rest.count == 1 }
    if field.cardinality == .repeated, let place = rest.first.flatMap({ Int($0) }) {
      guard case .list(let elements)? = value, elements.indices.contains(place) else { return false }
      value = elements[place]
      rest = rest.dropFirst()
      if rest.isEmpty { return true }
    }
    guard let nested = field.type.valueMessage else { return false }
    guard case .message(let content)? = value else { return leads(rest, from: nested.init()) }
    return leads(rest, from: content)
  }
}
