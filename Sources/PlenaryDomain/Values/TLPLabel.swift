package import PlenaryAPI

/// The labels of the Traffic Light Protocol 2.0 as it writes them: in capitals, without spaces, never translated.
package enum TLPLabel {
  private static let labels: [(text: String, label: Marking.Label)] = [
    ("TLP:CLEAR", .clear), ("TLP:GREEN", .green), ("TLP:AMBER", .amber), ("TLP:AMBER+STRICT", .amberStrict),
    ("TLP:RED", .red),
  ]

  /// The label of version 1 for what is `TLP:CLEAR` since.
  private static let former = "TLP:WHITE"

  /// The label with this text, which must be exact.
  /// - Throws: `tlpLabelInvalid` about a field.
  package static func label(_ text: String, field: String) throws(DomainError) -> Marking.Label {
    if let found = labels.first(where: { $0.text == text }) { return found.label }
    let suggestion =
      text.uppercased() == former
      ? "TLP:CLEAR" : labels.first { $0.text == text.uppercased().filter { $0 != " " } }?.text
    let hint =
      suggestion.map { "write `\($0)`" } ?? "the labels are \(labels.map(\.text).joined(separator: ", "))"
    var metadata = ["value": text.clipped]
    metadata["suggestion"] = suggestion
    throw DomainError(
      .init(field, .tlpLabelInvalid, "`\(text.clipped)` is no label of TLP 2.0; \(hint)", metadata: metadata))
  }

  /// The label that a record in another format has, which may still write `TLP:WHITE`; nil if it is none.
  package static func imported(_ text: String) -> Marking.Label? {
    text == former ? .clear : labels.first { $0.text == text }?.label
  }

  /// The text of a label; nil if none is given.
  package static func text(_ label: Marking.Label) -> String? { labels.first { $0.label == label }?.text }
}
