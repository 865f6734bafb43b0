/// What the records of a store are found by, as the program that opens it declares it.
///
/// A declaration may change from one version of the program to the next. Then the store gives all its records, those of
/// the past too, the entries of the new one before it is open.
package struct Indexing: Sendable {
  /// Names the declaration: whenever records are to have other entries, it is another one.
  package let form: [UInt8]

  /// The entries of a record with this key and body; nil if the program does not know records such as this, which keep
  /// the entries that they have.
  package let entries: @Sendable (Key, [UInt8]) -> [IndexEntry]?

  /// When the past of records is confined; nil for never. It belongs to what `form` names.
  package let confining: Confining?

  /// Makes a declaration.
  package init(
    form: [UInt8], confining: Confining? = nil, entries: @escaping @Sendable (Key, [UInt8]) -> [IndexEntry]?
  ) {
    self.form = form
    self.confining = confining
    self.entries = entries
  }
}
