/// When the past of records is confined, as the program that opens the store declares it.
///
/// A change can be such that what was before it is from then on for few. Then all versions are confined that were replaced by
/// the end of its request, those of its record and those of the records under it; and the versions of deleted records
/// among these, if they hold what may not come back. They get the marking that they had, `confined` to the originator of
/// the record that has changed, and stay so for good. A deleted record that is confined stays so when it is changed or
/// undeleted, until it is given content after that.
///
/// It follows from the records alone, and so is the same in every copy of the store, and for the history of before the
/// declaration, which is gone through when it is new. What is purged tells nothing: so a record has to be purged together
/// with those under it, as a copy that comes later could not tell any more what its changes confined.
package struct Confining: Sendable {
  /// Whether a change of the body of a record with this key confines what was before it.
  package let confines: @Sendable (_ key: Key, _ before: [UInt8], _ after: [UInt8]) -> Bool

  /// Whether a deleted record with this key and body is confined with what was replaced.
  package let covers: @Sendable (_ key: Key, _ body: [UInt8]) -> Bool

  /// Makes a declaration.
  package init(
    confines: @escaping @Sendable (_ key: Key, _ before: [UInt8], _ after: [UInt8]) -> Bool,
    covers: @escaping @Sendable (_ key: Key, _ body: [UInt8]) -> Bool
  ) {
    self.confines = confines
    self.covers = covers
  }
}
