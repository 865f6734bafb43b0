internal import PlenaryStore

/// A truth value that a filter may ask for though no record holds it: whether it is so follows from the day.
///
/// It stands in a filter like a field: `overdue = true`.
struct ComputedCondition: Sendable {
  /// What it is called in filters.
  let name: String

  /// The filter that says when it is true.
  let meaning: @Sendable (_ today: CivilDay) -> String

  /// Declares a condition.
  init(_ name: String, meaning: @escaping @Sendable (_ today: CivilDay) -> String) {
    self.name = name
    self.meaning = meaning
  }
}

extension ComputedCondition {
  /// What a comparison with the condition asks for.
  ///
  /// - Throws: `filterSyntax` if it is compared with anything but true or false.
  func expression(_ restriction: FilterRestriction, on today: CivilDay) throws(DomainError) -> FilterExpression {
    let (comparator, argument) = (restriction.comparator, restriction.argument)
    guard [.equal, .notEqual, .has].contains(comparator), ["true", "false"].contains(argument.text) else {
      throw .filterSyntax(
        "`\(name)` is true or false; write `\(name) = true`", at: argument.position,
        metadata: ["value": argument.text.clipped])
    }
    let meaning = try FilterParser.parse(meaning(today))
    return (argument.text == "true") == (comparator != .notEqual) ? meaning : .not(meaning)
  }
}
