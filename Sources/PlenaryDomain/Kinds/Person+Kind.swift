internal import PlenaryAPI

extension Kind {
  /// Persons who take part.
  static let person = Kind(NoFurtherRules<Person>(), indexed: ["family_name", "given_name", "retain_until_date"])
}
