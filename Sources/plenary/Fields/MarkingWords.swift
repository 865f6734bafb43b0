internal import PlenaryAPI
internal import ProtobufRuntime

/// How far a record may be shared, in words.
enum MarkingWords {
  /// The label as the Traffic Light Protocol writes it: `TLP:AMBER+STRICT`.
  static func label(_ marking: Marking) -> String {
    "TLP:" + (marking.label == .amberStrict ? "AMBER+STRICT" : marking.label.description)
  }
}
