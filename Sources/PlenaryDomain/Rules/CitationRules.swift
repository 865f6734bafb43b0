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
      guard !exists(citation.fieldPath, in: record) else { continue }
      findings.add(
        "citations.\(index).field_path", .citationInvalid,
        "the record has no field or entry `\(citation.fieldPath.clipped)`",
        metadata: ["value": citation.fieldPath.clipped])
    }
  }

  /// Whether a path leads to a field of the record. The entries of lists that it leads through must be there; other
  /// fields need not be set, since a source may also be cited for leaving something open.
  private static func exists(_ text: String, in record: any ProtobufMessage) -> Bool {
    guard
      let path = try? FieldPath(  // Why it is none does not matter: the caller sees the path itself.
        text, in: type(of: record).descriptor, allowsIndexes: true)
    else { return false }
    var value: FieldValue? = .message(record)
    for step in path.steps {
      switch (step, value) {
      case (.field(let field), .message(let message)): value = message.value(ofField: field.number)
      case (.index(let index), .list(let elements)) where elements.indices.contains(index): value = elements[index]
      case (.index, _): return false
      default: value = nil
      }
    }
    return true
  }
}
