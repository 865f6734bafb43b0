internal import PlenaryAPI

extension Kind {
  /// What was said at a dialogue, and by whom.
  static let intervention = Kind(NoFurtherRules<Intervention>(), indexed: ["kind"], attributions: ["speaker"])
}
