internal import PlenaryAPI
internal import ProtobufRuntime

/// How far a record may be shared, in words.
enum MarkingWords {
  /// The label as the Traffic Light Protocol writes it: `TLP:AMBER+STRICT`.
  static func label(_ marking: Marking) -> String { text(marking.label) }

  private static let labels: [Marking.Label] = [.clear, .green, .amber, .amberStrict, .red]

  private static func text(_ label: Marking.Label) -> String {
    "TLP:" + (label == .amberStrict ? "AMBER+STRICT" : label.description)
  }

  /// Who may have a record with a label.
  static func meaning(_ label: Marking.Label) -> String {
    switch label {
    case .clear: "everyone may have it"
    case .green: "the community may have it, and it does not go into public channels"
    case .amber: "the organizations and sharing groups that are listed may have it, and whoever originated it"
    case .amberStrict: "only the organizations that are listed may have it, and whoever originated it"
    case .red: "only the clients that are listed may have it"
    default: "this version does not know the label"
    }
  }

  /// The label that a text is, written exactly as the protocol does.
  ///
  /// - Throws: a `Failure` that names the label that was probably meant.
  static func number(_ word: String) throws(Failure) -> Int32 {
    if let label = labels.first(where: { text($0) == word }) { return label.rawValue }
    // TLP 1.0 called it so.
    let meant = word.uppercased() == "TLP:WHITE" ? text(.clear) : Suggestion.closest(to: word, among: labels.map(text))
    throw Failure(
      .invalid,
      "'\(word)' is no label of TLP 2.0" + (meant.map { ", did you mean '\($0)'?" } ?? "") + " (TLP_LABEL_INVALID)",
      details: ["labels: " + labels.map(text).joined(separator: ", ")])
  }
}
